//! One field of a schema: `#[schema(..)]` on a field.

use crate::attribute::{self, Argument, Entry, Value};
use crate::default::DefaultExpression;
use crate::errors::Errors;
use crate::reference::{self, Reference};
use crate::rename::Rename;
use crate::{association, field_rules, identifiers, types};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Lit, Type, Visibility};

/// A field of a schema.
#[derive(Clone, Debug)]
pub struct Field {
    /// The field's identifier.
    pub ident: Ident,
    /// The field's visibility.
    pub vis: Visibility,
    /// The field's type.
    pub ty: Type,
    /// The field's documentation.
    pub docs: Vec<Attribute>,
    /// The name, without `r#`.
    pub name: String,
    /// The name of the column.
    pub column: String,
    /// Whether the type is written as an Option.
    pub nullable: bool,
    /// Whether there is no column.
    pub is_virtual: bool,
    /// Whether values are never printed.
    pub redact: bool,
    /// Whether the default select lists it.
    pub load: bool,
    /// Which writes may set it.
    pub writable: Writable,
    /// Where the value comes from if the program gives none.
    pub generation: Generation,
    /// Whether `generation` follows from the field's name alone, and is none if the type cannot be generated.
    pub by_name: bool,
    /// Whether it is the version of an optimistic lock.
    pub version: bool,
    /// The default of the column.
    pub default: Option<DefaultExpression>,
    /// The column's SQL type, if not the usual one.
    pub sql_type: Option<String>,
    /// The greatest length of a text.
    pub size: Option<u32>,
    /// The digits of a decimal: how many, and how many of them after the point.
    pub precision: Option<(u32, u32)>,
    /// The foreign key.
    pub references: Option<Reference>,
    /// Whether it is an embedded struct or enum.
    pub embed: bool,
    /// Whether it has an index of its own: `Some(true)` for a unique one.
    pub index: Option<bool>,
    /// The name of its own index, if it has one.
    pub index_name: Option<String>,
    pub(crate) primary_key: Option<Span>,
    pub(crate) natural: Option<Span>,
}

/// Which writes may set a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writable {
    /// Inserts and updates.
    Always,
    /// Inserts only.
    Insert,
    /// None.
    Never,
}

/// Where a field's value comes from if the program gives none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// From the program alone.
    None,
    /// A key: from the database, or a UUID.
    Key,
    /// The time of the insert.
    InsertedAt,
    /// The time of the last write.
    UpdatedAt,
    /// The database, on every write.
    Database,
}

/// Every attribute of a field.
pub(crate) const KNOWN: &[&str] = &[
    "primary_key",
    "natural",
    "column",
    "unique",
    "index",
    "size",
    "precision",
    "default",
    "sql_type",
    "generated",
    "load",
    "writable",
    "version",
    "redact",
    "embed",
    "virtual",
    "inserted_at",
    "updated_at",
    "constraint",
    "references",
];

/// What the struct says of all its fields.
pub(crate) struct Context<'a> {
    pub table: &'a str,
    pub rename: Option<Rename>,
}

impl Field {
    pub(crate) fn parse(field: &syn::Field, context: &Context<'_>, errors: &mut Errors) -> Option<Self> {
        let ident = field.ident.clone()?;
        let entries = attribute::entries(&field.attrs, "schema", errors);
        attribute::refuse_repeated(&entries, &[], errors);
        let mut parsed = Field::new(ident, field, context.rename);
        let mut constraint = None;
        for entry in &entries {
            if let Err(error) = parsed.apply(entry, &mut constraint) {
                errors.push(error);
            }
        }
        field_rules::check(&parsed, &entries, errors);
        parsed.name_constraints(context.table, constraint, &entries, errors);
        Some(parsed)
    }

    /// A field of an embedded struct, whose key in the JSON object is `key`.
    pub(crate) fn embedded(ident: Ident, field: &syn::Field, key: &str) -> Self {
        Field { column: key.to_owned(), ..Field::new(ident, field, None) }
    }

    fn new(ident: Ident, field: &syn::Field, rename: Option<Rename>) -> Self {
        let name = ident.unraw().to_string();
        Field {
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            docs: field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect(),
            column: rename.map_or_else(|| name.clone(), |style| style.apply(&name)),
            nullable: types::option_item(&field.ty).is_some(),
            is_virtual: false,
            redact: false,
            load: true,
            writable: Writable::Always,
            generation: Generation::None,
            by_name: false,
            version: false,
            default: None,
            sql_type: None,
            size: None,
            precision: None,
            references: None,
            embed: false,
            index: None,
            index_name: None,
            primary_key: None,
            natural: None,
            ident,
            name,
        }
    }

    fn apply(&mut self, entry: &Entry, constraint: &mut Option<syn::LitStr>) -> syn::Result<()> {
        let flag = |field: &mut bool| entry.flag().map(|()| *field = true);
        match entry.name.to_string().as_str() {
            "primary_key" => entry.flag().map(|()| self.primary_key = Some(entry.span())),
            "natural" => entry.flag().map(|()| self.natural = Some(entry.span())),
            "column" => entry.string("pw_hash").map(|column| self.column = column.value()),
            "unique" => entry.flag().map(|()| self.index = Some(true)),
            "index" => entry.flag().map(|()| self.index = self.index.or(Some(false))),
            "size" => entry.number(160).map(|size| self.size = Some(size)),
            "precision" => precision(entry).map(|precision| self.precision = Some(precision)),
            "default" => DefaultExpression::parse(entry, &self.ty).map(|default| self.default = Some(default)),
            "sql_type" => entry.string("citext").map(|sql| self.sql_type = Some(sql.value())),
            "generated" => entry.flag().map(|()| self.generation = Generation::Database),
            "inserted_at" => entry.flag().map(|()| self.generation = Generation::InsertedAt),
            "updated_at" => entry.flag().map(|()| self.generation = Generation::UpdatedAt),
            "load" => entry.boolean().map(|load| self.load = load),
            "writable" => writable(entry).map(|writable| self.writable = writable),
            "version" => flag(&mut self.version),
            "redact" => flag(&mut self.redact),
            "embed" => flag(&mut self.embed),
            "virtual" => flag(&mut self.is_virtual),
            "constraint" => entry.string("users_email_key").map(|name| *constraint = Some(name)),
            "references" => reference::parse(entry).map(|(table, column)| {
                self.references = Some(Reference { name: String::new(), table, column });
            }),
            name if association::is_attribute(name) => Err(syn::Error::new(
                entry.span(),
                format!("`{name}` is for association fields, such as `org: BelongsTo<Org>`"),
            )),
            _ => Err(entry.unknown("field", KNOWN)),
        }
    }

    /// Names the field's own index and foreign key.
    fn name_constraints(
        &mut self,
        table: &str,
        constraint: Option<syn::LitStr>,
        entries: &[Entry],
        errors: &mut Errors,
    ) {
        let given = constraint.as_ref().map(syn::LitStr::value);
        let mut names = Vec::new();
        if let Some(reference) = &mut self.references {
            reference.name = given.clone().unwrap_or_else(|| identifiers::foreign_key_name(table, &self.column));
            names.push(reference.name.clone());
        }
        if self.index.is_some() {
            // The name is the foreign key's if there is one: both cannot have it.
            let own = given.filter(|_| self.references.is_none());
            let name = own.unwrap_or_else(|| identifiers::index_name(table, &[&self.column]));
            names.push(name.clone());
            self.index_name = Some(name);
        }
        names.push(self.column.clone());
        for reason in names.iter().filter_map(|name| identifiers::refusal(name)) {
            let hint = if constraint.is_some() { "" } else { ": name it with `constraint = \"..\"`" };
            match entries
                .iter()
                .find(|entry| ["constraint", "references", "unique", "index"].iter().any(|n| entry.is(n)))
            {
                Some(entry) => errors.push(syn::Error::new(entry.span(), format!("{reason}{hint}"))),
                None => errors.at(&self.ident, reason),
            }
        }
    }
}

fn writable(entry: &Entry) -> syn::Result<Writable> {
    match entry.word().as_deref() {
        Some("always") => Ok(Writable::Always),
        Some("insert") => Ok(Writable::Insert),
        Some("never") => Ok(Writable::Never),
        _ => Err(entry
            .error("`writable` says which writes may set the field: write `writable = insert` or `writable = never`")),
    }
}

/// The two numbers of `precision(10, 2)`.
fn precision(entry: &Entry) -> syn::Result<(u32, u32)> {
    const EXAMPLE: &str = "`precision` takes the digits in all and those after the point: write `precision(10, 2)`";
    let mistake = || entry.error(EXAMPLE);
    let Value::List(arguments) = &entry.value else { return Err(mistake()) };
    let [Argument::Literal(Lit::Int(digits)), Argument::Literal(Lit::Int(scale))] = &arguments[..] else {
        return Err(mistake());
    };
    let (digits, scale) = (digits.base10_parse().map_err(|_| mistake())?, scale.base10_parse().map_err(|_| mistake())?);
    match (digits, scale) {
        (1.., scale) if scale <= digits => Ok((digits, scale)),
        _ => Err(entry.error("`precision` takes more digits in all than after the point: write `precision(10, 2)`")),
    }
}

//! Associations of a schema: fields of the types `BelongsTo<..>`, `HasOne<..>`, `HasMany<..>` and `ManyToMany<..>`.

use self::AssociationKind::{BelongsTo, HasMany, HasOne, ManyToMany};
use crate::attribute::{self, Argument, Entry, Value};
use crate::errors::Errors;
use crate::{field, identifiers, types};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprClosure, Ident, LitStr, Path, Type, Visibility};

/// An association of a schema.
#[derive(Clone, Debug)]
pub struct Association {
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
    /// What kind it is.
    pub kind: AssociationKind,
    /// The schema that it leads to, without the Option.
    pub target: Type,
    /// Whether it is a `BelongsTo<Option<..>>`.
    pub optional: bool,
    /// Which fields are equal in both schemas.
    pub keys: Keys,
    /// The condition on the target's rows: a closure over its columns.
    pub filter: Option<ExprClosure>,
    /// The order of the target's rows: a closure over its columns and perhaps, of a `ManyToMany`, those of the rows between,
    /// or the path of a function.
    pub order: Option<Expr>,
    /// What happens when the row that is pointed at is deleted.
    pub on_delete: Option<OnDelete>,
    /// What happens to rows that a write leaves out.
    pub on_replace: Option<OnReplace>,
    /// Whether a `ManyToMany` holds a row once at most.
    pub unique: bool,
}

/// The kinds of associations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssociationKind {
    /// This struct has the key of one target.
    BelongsTo,
    /// At most one target has the key of this struct.
    HasOne,
    /// Any number of targets have the key of this struct.
    HasMany,
    /// Rows between have the keys of both.
    ManyToMany,
}

/// Which fields an association compares.
#[derive(Clone, Debug)]
pub enum Keys {
    /// Of a `BelongsTo`: this struct has the key.
    Own {
        /// The positions of the key's fields in [`Schema::fields`](crate::Schema::fields).
        fields: Vec<usize>,
        /// The target's fields that they equal; empty for its primary key.
        references: Vec<Ident>,
    },
    /// Of a `HasOne` or `HasMany`: the target has the key.
    Foreign {
        /// The target's fields that make the key.
        foreign_key: Vec<Ident>,
        /// The positions of this struct's fields that they equal, as many.
        references: Vec<usize>,
    },
    /// Of a `ManyToMany`: the rows between have both keys.
    Join {
        /// Where the rows between are.
        source: JoinSource,
        /// The columns, or the fields of a schema, that point at this struct.
        own: Vec<Ident>,
        /// The columns, or the fields of a schema, that point at the target's primary key.
        other: Vec<Ident>,
        /// The positions of this struct's fields that `own` equals, as many.
        references: Vec<usize>,
    },
    /// Of a `HasOne` or `HasMany` with `through`: other associations lead to the target.
    Through {
        /// The first is an association of this struct, each further one of the target before; at least two.
        path: Vec<Ident>,
    },
}

/// Where the rows between two schemas are.
#[derive(Clone, Debug)]
pub enum JoinSource {
    /// In the table of this name.
    Table(LitStr),
    /// In the table of this schema.
    Schema(Path),
}

/// What happens when the row that is pointed at is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// `nothing`.
    Nothing,
    /// `delete_all`: the program deletes the targets, or the rows between.
    Delete,
    /// `nilify_all`: the program sets the targets' keys to NULL.
    Nilify,
    /// `cascade`: the database deletes this row too.
    Cascade,
    /// `set_null`: the database sets the key to NULL.
    SetNull,
    /// `restrict`: the database refuses.
    Restrict,
}

/// What happens to rows that a write leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnReplace {
    /// `raise`: the write is a mistake of the program.
    Raise,
    /// `mark_as_invalid`: the changeset is invalid.
    MarkAsInvalid,
    /// `nilify`: the key becomes NULL.
    Nilify,
    /// `delete`: the row is deleted, or the row between.
    Delete,
    /// `delete_if_exists`: as `delete`, but the row may be gone already.
    DeleteIfExists,
    /// `update`: the row stays and is changed.
    Update,
}

/// Every attribute of an association, and the kinds that take it.
const ATTRIBUTES: &[(&str, &[AssociationKind])] = &[
    ("foreign_key", &[BelongsTo, HasOne, HasMany]),
    ("references", &[BelongsTo, HasOne, HasMany, ManyToMany]),
    ("through", &[HasOne, HasMany]),
    ("join_table", &[ManyToMany]),
    ("join_schema", &[ManyToMany]),
    ("join_keys", &[ManyToMany]),
    ("filter", &[BelongsTo, HasOne, HasMany, ManyToMany]),
    ("order", &[HasOne, HasMany, ManyToMany]),
    ("on_delete", &[BelongsTo, HasOne, HasMany, ManyToMany]),
    ("on_replace", &[BelongsTo, HasOne, HasMany, ManyToMany]),
    ("unique", &[ManyToMany]),
];

/// Pairs that cannot both be given, and why.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    ("through", "foreign_key", "the associations on the way have the keys"),
    ("through", "references", "the associations on the way have the keys"),
    ("through", "on_delete", "an association through others is only read"),
    ("through", "on_replace", "an association through others is only read"),
    ("join_table", "join_schema", "the rows between are in one table"),
];

/// The attributes that say what writes do, and so are for the keys of tables.
const WRITES: &[&str] = &["on_delete", "on_replace"];

/// Whether only associations, not fields with a column, have an attribute of this name.
pub(crate) fn is_attribute(name: &str) -> bool {
    ATTRIBUTES.iter().any(|(known, _)| *known == name)
}

impl AssociationKind {
    /// The name of the type.
    pub fn name(self) -> &'static str {
        match self {
            BelongsTo => "BelongsTo",
            HasOne => "HasOne",
            HasMany => "HasMany",
            ManyToMany => "ManyToMany",
        }
    }

    fn of(ty: &Type) -> Option<(Self, &Type)> {
        let (name, item) = types::argument(ty)?;
        let kind = [BelongsTo, HasOne, HasMany, ManyToMany].into_iter().find(|kind| name == kind.name())?;
        Some((kind, item))
    }

    /// The kind of association that a field of this type is, if it is one.
    pub(crate) fn of_type(ty: &Type) -> Option<Self> {
        Self::of(ty).map(|(kind, _)| kind)
    }

    fn attributes(self) -> Vec<&'static str> {
        ATTRIBUTES.iter().filter(|(_, kinds)| kinds.contains(&self)).map(|(name, _)| *name).collect()
    }

    fn on_delete(self) -> &'static [(&'static str, OnDelete)] {
        use OnDelete::{Cascade, Delete, Nilify, Nothing, Restrict, SetNull};
        match self {
            BelongsTo => &[("cascade", Cascade), ("set_null", SetNull), ("restrict", Restrict), ("nothing", Nothing)],
            HasOne | HasMany => &[("delete_all", Delete), ("nilify_all", Nilify), ("nothing", Nothing)],
            ManyToMany => &[("delete_all", Delete), ("nothing", Nothing)],
        }
    }

    fn on_replace(self) -> &'static [(&'static str, OnReplace)] {
        use OnReplace::{Delete, DeleteIfExists, MarkAsInvalid, Nilify, Raise, Update};
        const WORDS: &[(&str, OnReplace)] = &[
            ("raise", Raise),
            ("mark_as_invalid", MarkAsInvalid),
            ("delete", Delete),
            ("delete_if_exists", DeleteIfExists),
            ("nilify", Nilify),
            ("update", Update),
        ];
        match self {
            BelongsTo | HasOne => WORDS,
            // There is no one row to update.
            HasMany => &WORDS[..5],
            // A row between has no key that may be NULL.
            ManyToMany => &WORDS[..4],
        }
    }
}

/// An association whose keys are not looked up yet.
pub(crate) struct Draft<'a> {
    field: &'a syn::Field,
    pub ident: Ident,
    pub name: String,
    pub kind: AssociationKind,
    pub target: Type,
    pub optional: bool,
    /// Whether the attributes are right so far.
    pub correct: bool,
    pub foreign_key: Option<Vec<Ident>>,
    pub references: Option<Vec<Ident>>,
    pub through: Option<Vec<Ident>>,
    pub join_table: Option<LitStr>,
    pub join_schema: Option<Path>,
    pub join_keys: Option<Vec<Ident>>,
    pub on_delete: Option<OnDelete>,
    pub on_replace: Option<OnReplace>,
    unique: bool,
    filter: Option<ExprClosure>,
    order: Option<Expr>,
}

impl<'a> Draft<'a> {
    /// The association that a field is, if its type says so; `attribute` is the name of the attribute that describes it.
    pub fn parse(field: &'a syn::Field, attribute: &str, errors: &mut Errors) -> Option<Self> {
        let ident = field.ident.clone()?;
        let (kind, item) = AssociationKind::of(&field.ty)?;
        let option = types::option_item(item);
        let mut draft = Draft {
            field,
            name: ident.unraw().to_string(),
            ident,
            kind,
            target: option.unwrap_or(item).clone(),
            optional: option.is_some() && kind == BelongsTo,
            correct: true,
            foreign_key: None,
            references: None,
            through: None,
            join_table: None,
            join_schema: None,
            join_keys: None,
            on_delete: None,
            on_replace: None,
            unique: false,
            filter: None,
            order: None,
        };
        if let Err(error) = draft.check_target(option.is_some()) {
            errors.push(error);
            draft.correct = false;
        }
        let entries = attribute::entries(&field.attrs, attribute, errors);
        attribute::refuse_repeated(&entries, &[], errors);
        for entry in &entries {
            if attribute == "embedded" && WRITES.iter().any(|name| entry.is(name)) {
                let message = format!(
                    "the key stands in a document, which the database does not look into: remove `{}`",
                    entry.name
                );
                errors.push(syn::Error::new(entry.span(), message));
                draft.correct = false;
            } else if let Err(error) = draft.apply(entry) {
                errors.push(error);
                draft.correct = false;
            }
        }
        for (one, other, reason) in CONTRADICTIONS {
            let find = |name: &str| entries.iter().find(|entry| entry.is(name));
            if let (Some(_), Some(entry)) = (find(one), find(other)) {
                errors.at(&entry.name, format!("`{one}` and `{other}` contradict each other: {reason}"));
            }
        }
        Some(draft)
    }

    /// The association with its keys.
    pub fn finish(self, keys: Keys) -> Association {
        let docs = self.field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
        Association {
            ident: self.ident,
            vis: self.field.vis.clone(),
            ty: self.field.ty.clone(),
            docs: docs.cloned().collect(),
            name: self.name,
            kind: self.kind,
            target: self.target,
            optional: self.optional,
            keys,
            filter: self.filter,
            order: self.order,
            on_delete: self.on_delete,
            on_replace: self.on_replace,
            unique: self.unique,
        }
    }

    /// The last name of the target's path.
    pub fn target_name(&self) -> String {
        types::last_name(&self.target).map_or_else(String::new, |name| name.unraw().to_string())
    }

    /// An error that points at the type.
    pub fn type_error(&self, message: impl std::fmt::Display) -> syn::Error {
        syn::Error::new_spanned(&self.field.ty, message)
    }

    fn check_target(&self, is_option: bool) -> syn::Result<()> {
        let (kind, target) = (self.kind.name(), types::text(&self.target));
        if types::last_name(&self.target).is_none() {
            return Err(self.type_error(format!("`{kind}` takes a schema: write `{kind}<Post>`")));
        }
        if let Some(item) = types::option_item(&self.target) {
            let item = types::text(item);
            return Err(self.type_error(format!("an Option inside an Option: write `BelongsTo<Option<{item}>>`")));
        }
        let reason = match self.kind {
            BelongsTo => return Ok(()),
            HasOne => "it may always be missing",
            HasMany | ManyToMany => "it may always be empty",
        };
        if is_option {
            let message = format!("only `BelongsTo` takes an Option: write `{kind}<{target}>`, {reason}");
            return Err(self.type_error(message));
        }
        Ok(())
    }

    fn apply(&mut self, entry: &Entry) -> syn::Result<()> {
        let name = entry.name.to_string();
        let Some((_, kinds)) = ATTRIBUTES.iter().find(|(known, _)| *known == name) else {
            return Err(if field::KNOWN.contains(&name.as_str()) {
                syn::Error::new(entry.span(), format!("an association has no column: remove `{name}`"))
            } else {
                entry.unknown("association", &self.kind.attributes())
            });
        };
        if !kinds.contains(&self.kind) {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            let (own, attributes) = (self.kind.name(), self.kind.attributes().join(", "));
            let message = format!("`{name}` is for {}; a {own} takes {attributes}", kinds.join(", "));
            return Err(syn::Error::new(entry.span(), message));
        }
        match name.as_str() {
            "foreign_key" => self.foreign_key = Some(fields(entry, "author_id")?),
            "references" => self.references = Some(fields(entry, "id")?),
            "through" => self.through = Some(through(entry)?),
            "join_table" => self.join_table = Some(join_table(entry)?),
            "join_schema" => self.join_schema = Some(join_schema(entry)?),
            "join_keys" => self.join_keys = Some(join_keys(entry)?),
            "filter" => self.filter = Some(filter(entry)?),
            "order" => self.order = Some(order(entry, self.kind)?),
            "on_delete" => self.on_delete = Some(one_of(entry, self.kind, self.kind.on_delete())?),
            "unique" => {
                entry.flag()?;
                self.unique = true;
            }
            _ => self.on_replace = Some(one_of(entry, self.kind, self.kind.on_replace())?),
        }
        Ok(())
    }
}

/// The name of a field, with `r#` if it is a keyword; `None` if nothing can have the name.
fn field_name(name: &Ident) -> Option<Ident> {
    let plain = name.unraw().to_string();
    match plain.as_str() {
        "self" | "Self" | "super" | "crate" | "_" => None,
        _ if syn::parse_str::<Ident>(&plain).is_ok() => Some(Ident::new(&plain, name.span())),
        _ => Some(Ident::new_raw(&plain, name.span())),
    }
}

fn expression_name(expression: &Expr) -> Option<Ident> {
    match expression {
        Expr::Path(path) if path.qself.is_none() => field_name(path.path.get_ident()?),
        Expr::Group(group) => expression_name(&group.expr),
        _ => None,
    }
}

fn listed(arguments: &[Argument]) -> Option<Vec<Ident>> {
    let name = |argument: &Argument| match argument {
        Argument::Entry(Entry { name, value: Value::Flag }) => field_name(name),
        _ => None,
    };
    arguments.iter().map(name).collect()
}

/// The names of `name = field` or `name(field, field)`.
fn fields(entry: &Entry, example: &str) -> syn::Result<Vec<Ident>> {
    let names = match &entry.value {
        Value::List(arguments) if !arguments.is_empty() => listed(arguments),
        _ => entry.assigned().and_then(expression_name).map(|name| vec![name]),
    };
    let names = names.ok_or_else(|| {
        let forms = format!("`{0} = {example}`, or `{0}(a, b)` for several", entry.name);
        entry.error(format!("`{}` names a field, without quotes: write {forms}", entry.name))
    })?;
    refuse_doubles(&names).map(|()| names)
}

/// Refuses a name that is used twice.
pub(crate) fn refuse_doubles(names: &[Ident]) -> syn::Result<()> {
    match names.iter().enumerate().find(|(position, name)| names[..*position].contains(name)) {
        Some((_, name)) => Err(syn::Error::new(name.span(), format!("`{}` is named twice", name.unraw()))),
        None => Ok(()),
    }
}

fn through(entry: &Entry) -> syn::Result<Vec<Ident>> {
    let path = match entry.assigned() {
        Some(Expr::Array(array)) => array.elems.iter().map(expression_name).collect::<Option<Vec<Ident>>>(),
        _ => None,
    };
    path.filter(|path| path.len() >= 2).ok_or_else(|| {
        entry.error("`through` takes two or more names of associations: write `through = [posts, comments]`")
    })
}

fn join_table(entry: &Entry) -> syn::Result<LitStr> {
    let table = entry.string("users_tags")?;
    match identifiers::refusal(&table.value()) {
        Some(reason) => Err(entry.error(reason)),
        None => Ok(table),
    }
}

fn join_schema(entry: &Entry) -> syn::Result<Path> {
    match entry.assigned() {
        Some(Expr::Path(path)) if path.qself.is_none() => Ok(path.path.clone()),
        _ => Err(entry.error("`join_schema` takes a schema: write `join_schema = PostUser`")),
    }
}

fn join_keys(entry: &Entry) -> syn::Result<Vec<Ident>> {
    let names = match &entry.value {
        Value::List(arguments) => listed(arguments),
        _ => None,
    };
    names.filter(|names| names.len() >= 2).ok_or_else(|| {
        let meaning = "`join_keys` names the key of this struct and the key of the target in the rows between";
        entry.error(format!("{meaning}: write `join_keys(user_id, tag_id)`, without quotes"))
    })
}

fn filter(entry: &Entry) -> syn::Result<ExprClosure> {
    match entry.assigned() {
        Some(Expr::Closure(closure)) if closure.inputs.len() == 1 => Ok(closure.clone()),
        _ => {
            Err(entry
                .error("`filter` takes a closure over the target's columns: write `filter = |c| c.public.eq(true)`"))
        }
    }
}

fn order(entry: &Entry, kind: AssociationKind) -> syn::Result<Expr> {
    match entry.assigned() {
        Some(Expr::Closure(closure)) if closure.inputs.len() == 2 && kind == ManyToMany => {
            Ok(Expr::Closure(closure.clone()))
        }
        Some(Expr::Closure(closure)) if closure.inputs.len() == 2 => {
            let message = format!("only a ManyToMany has rows between, and a {} has none", kind.name());
            Err(entry.error(format!("{message}: write `order = |c| c.position.asc()`, over the target's columns")))
        }
        Some(Expr::Closure(closure)) if closure.inputs.len() == 1 => Ok(Expr::Closure(closure.clone())),
        Some(path @ Expr::Path(_)) => Ok(path.clone()),
        _ => {
            let example = match kind {
                ManyToMany => {
                    "write `order = |c| c.name.asc()`, or `order = |c, j| j.position.asc()` for a column of the rows between"
                }
                _ => "write `order = |c| c.position.asc()`",
            };
            Err(entry.error(format!("`order` takes a closure over the target's columns, or a function: {example}")))
        }
    }
}

/// What the word of an entry means.
fn one_of<T: Copy>(entry: &Entry, kind: AssociationKind, words: &[(&str, T)]) -> syn::Result<T> {
    let given = entry.word();
    let found = words.iter().find(|(word, _)| given.as_deref() == Some(*word));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let (name, kind, first) = (&entry.name, kind.name(), words.first().map_or("", |(word, _)| *word));
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{name}` of a {kind} is one of {}", words.join(", "));
        entry.error(format!("{message}: write `{name} = {first}`"))
    })
}

#[cfg(test)]
#[path = "association_tests.rs"]
pub(crate) mod tests;

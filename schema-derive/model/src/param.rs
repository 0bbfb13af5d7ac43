//! One field of a struct of params: `#[changeset(..)]`, `#[validate(..)]` and `#[constraint(..)]` on a field.

use crate::attribute::{self, Argument, Entry, Value};
use crate::constraint::{self, Constraint};
use crate::errors::Errors;
use crate::rename::Rename;
use crate::types::{argument, option_item};
use crate::validation::{self, Rule, Validation};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Type};

/// A field of a struct of params.
#[derive(Clone, Debug)]
pub struct Param {
    /// The field's identifier.
    pub ident: Ident,
    /// The field's type.
    pub ty: Type,
    /// The schema's field, where it was written.
    pub target: Ident,
    /// The name of the schema's field, without `r#`.
    pub name: String,
    /// The name in the input, or `None` if it does not come from outside.
    pub param: Option<String>,
    /// What it stands for.
    pub kind: ParamKind,
    /// Whether it must not be blank. A list of params must be there, but may be empty.
    pub required: bool,
    /// Whether an attribute says so.
    pub required_by_attribute: bool,
    /// The message if it is.
    pub required_message: Option<LitStr>,
    /// Whether it may be the primary key.
    pub key: bool,
    /// What its value is checked for.
    pub validations: Vec<Validation>,
    /// The constraints that stand at it.
    pub constraints: Vec<Constraint>,
}

/// What a field of a struct of params stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A field of the schema.
    Field,
    /// Something that is only checked.
    Input,
    /// An association of the schema, whose rows have params of their own.
    Association,
    /// A field that embeds a struct, or a list of them, with params of its own.
    Embed,
}

const KNOWN: &[&str] = &["field", "rename", "required", "key", "input", "assoc", "embed", "skip"];

/// How the struct names its fields in the input.
pub(crate) struct Names {
    pub style: Option<Rename>,
}

impl Param {
    pub(crate) fn parse(field: &syn::Field, names: &Names, errors: &mut Errors) -> Option<Self> {
        let ident = field.ident.clone()?;
        let entries = attribute::entries(&field.attrs, "changeset", errors);
        attribute::refuse_repeated(&entries, &[], errors);
        let validations = validation::parse(&field.attrs, errors);
        let constraints = constraint::parse(&field.attrs, true, errors);
        let own_name = ident.unraw().to_string();
        let mut param = Param {
            ty: field.ty.clone(),
            target: ident.clone(),
            name: own_name.clone(),
            param: serde_name(&field.attrs, &own_name, names),
            kind: ParamKind::Field,
            required: validations.required.is_some() || option_item(&field.ty).is_none(),
            required_by_attribute: validations.required.is_some(),
            required_message: validations.required.flatten(),
            key: false,
            validations: validations.list,
            constraints,
            ident,
        };
        let mut skip = None;
        for entry in &entries {
            if let Err(error) = param.apply(entry, &mut skip) {
                errors.push(error);
            }
        }
        if let Some(skip) = skip {
            if entries.len() > 1 || !param.validations.is_empty() || !param.constraints.is_empty() {
                errors.push(syn::Error::new(skip, "a field that is skipped takes no other attributes"));
            }
            return None;
        }
        if let Some(found) = serde_flag(&field.attrs, &["flatten"]) {
            let message = "changesets read no flattened fields: write them out, or give them a struct of their own and cast it with `cast_into`";
            errors.push(syn::Error::new(found, message));
        }
        match param.kind {
            ParamKind::Field | ParamKind::Input => param.check_input(errors),
            ParamKind::Association | ParamKind::Embed => param.check_nested(errors),
        }
        Some(param)
    }

    fn apply(&mut self, entry: &Entry, skip: &mut Option<proc_macro2::Span>) -> syn::Result<()> {
        match entry.name.to_string().as_str() {
            "field" => match entry.assigned() {
                Some(Expr::Path(path)) if path.path.get_ident().is_some() => {
                    self.target = path.path.get_ident().cloned().unwrap_or_else(|| self.target.clone());
                    self.name = self.target.unraw().to_string();
                    Ok(())
                }
                _ => Err(entry.error("`field` takes the name of the schema's field: write `field = email`")),
            },
            "rename" => entry.string("emailAddress").map(|name| self.param = Some(name.value())),
            "required" => entry.flag().map(|()| (self.required, self.required_by_attribute) = (true, true)),
            "key" => entry.flag().map(|()| self.key = true),
            "input" => entry.flag().and_then(|()| self.set_kind(entry, ParamKind::Input)),
            "assoc" => entry.flag().and_then(|()| self.set_kind(entry, ParamKind::Association)),
            "embed" => entry.flag().and_then(|()| self.set_kind(entry, ParamKind::Embed)),
            "skip" => entry.flag().map(|()| *skip = Some(entry.span())),
            "schema" | "validate" | "rename_all" => {
                Err(syn::Error::new(entry.span(), format!("`{}` stands on the struct, not on a field", entry.name)))
            }
            _ => Err(entry.unknown("changeset field", KNOWN)),
        }
    }

    fn set_kind(&mut self, entry: &Entry, kind: ParamKind) -> syn::Result<()> {
        if self.kind != ParamKind::Field {
            return Err(entry.error("a field is one of `input`, `assoc` and `embed`"));
        }
        self.kind = kind;
        Ok(())
    }

    /// What a field of params of their own can have.
    fn check_nested(&self, errors: &mut Errors) {
        let span = self.validations.first().map(|validation| validation.span);
        if let Some(span) = span.or(self.constraints.first().map(|constraint| constraint.span)) {
            let message = "what is nested is checked by the attributes of its own params; here it takes `required`";
            errors.push(syn::Error::new(span, message));
        }
        let (item, options) = self.without_options();
        if options > usize::from(!self.is_list()) + 1 || option_item(item).is_some() {
            errors.at(&self.ty, "params of a list have one Option at most, and other params two");
        }
    }

    /// What a field that is only checked can have; one that must be accepted is such a field.
    pub(crate) fn check_input(&mut self, errors: &mut Errors) {
        if self.validations.iter().any(|validation| matches!(validation.rule, Rule::Acceptance)) {
            (self.kind, self.required) = (ParamKind::Input, false);
        }
        if self.kind == ParamKind::Input {
            let other = self.validations.iter().find(|validation| !matches!(validation.rule, Rule::Acceptance));
            let span = other.map(|other| other.span).or(self.constraints.first().map(|constraint| constraint.span));
            if let Some(span) = span {
                let message = "this field is only checked and not of the schema: it takes `acceptance` and `required`; check the rest in `#[changeset(validate = path::to::function)]`";
                errors.push(syn::Error::new(span, message));
            }
        }
    }

    /// The name of the struct's own field, without `r#`.
    pub fn own_name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Whether the input has it twice.
    pub fn is_confirmed(&self) -> bool {
        self.validations.iter().any(|validation| matches!(validation.rule, Rule::Confirmation { .. }))
    }

    /// Whether it is a list of params.
    pub fn is_list(&self) -> bool {
        self.nested_item().1
    }

    /// The type of the params inside, and whether there is a list of them.
    pub fn nested_item(&self) -> (&Type, bool) {
        let (ty, _) = self.without_options();
        match argument(ty) {
            Some((name, item)) if name == "Vec" => (item, true),
            _ => (ty, false),
        }
    }

    /// The type without up to two Options, and how many there are.
    pub fn without_options(&self) -> (&Type, usize) {
        match option_item(&self.ty) {
            None => (&self.ty, 0),
            Some(item) => match option_item(item) {
                None => (item, 1),
                Some(inner) => (inner, 2),
            },
        }
    }
}

/// The name in the input that serde would read; `None` if it would read none.
fn serde_name(attributes: &[Attribute], own: &str, names: &Names) -> Option<String> {
    if serde_flag(attributes, &["skip", "skip_deserializing"]).is_some() {
        return None;
    }
    let renamed = serde_text(attributes, "rename").map(|name| name.value());
    Some(renamed.unwrap_or_else(|| names.style.map_or_else(|| own.to_owned(), |style| style.apply(own))))
}

/// The entries of `#[serde(..)]`; what this grammar does not cover is serde's matter.
fn serde_entries(attributes: &[Attribute]) -> Vec<Entry> {
    attribute::entries(attributes, "serde", &mut Errors::default())
}

/// The text of `name = ".."`, or of `name(deserialize = "..")`.
pub(crate) fn serde_text(attributes: &[Attribute], name: &str) -> Option<LitStr> {
    let text = |entry: &Entry| match entry.assigned() {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text.clone()),
        _ => None,
    };
    serde_entries(attributes).iter().filter(|entry| entry.is(name)).find_map(|entry| match &entry.value {
        Value::List(arguments) => arguments.iter().find_map(|argument| match argument {
            Argument::Entry(entry) if entry.is("deserialize") => text(entry),
            _ => None,
        }),
        _ => text(entry),
    })
}

fn serde_flag(attributes: &[Attribute], names: &[&str]) -> Option<proc_macro2::Span> {
    let entries = serde_entries(attributes);
    entries.iter().find(|entry| names.iter().any(|name| entry.is(name))).map(Entry::span)
}

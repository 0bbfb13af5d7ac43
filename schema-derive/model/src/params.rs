//! A struct of params: `#[derive(Changeset)]`.

use crate::attribute::{self, Entry};
use crate::constraint::{self, Constraint};
use crate::errors::Errors;
use crate::item;
use crate::param::{Names, Param, ParamKind};
use crate::rename::Rename;
use crate::validation::Rule;
use syn::{Attribute, DeriveInput, Expr, Ident, Path};

/// A struct with `#[derive(Changeset)]`.
#[derive(Clone, Debug)]
pub struct Params {
    /// The struct's identifier.
    pub ident: Ident,
    /// The path of the facade crate.
    pub root: Path,
    /// What its changesets are of.
    pub schema: Path,
    /// The fields, in order, without those that are skipped.
    pub fields: Vec<Param>,
    /// The constraints that stand on the struct.
    pub constraints: Vec<Constraint>,
    /// The functions that validate the whole changeset.
    pub validate: Vec<Path>,
}

const KNOWN: &[&str] = &["schema", "validate", "rename_all", "crate"];

impl Params {
    /// The params that a struct describes.
    ///
    /// # Errors
    ///
    /// All mistakes, combined, each pointing at its token.
    pub fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let named = item::named_fields(input, "Changeset")?;
        let mut errors = Errors::default();
        item::refuse_generics(input, "Changeset", &mut errors);
        let entries = attribute::entries(&input.attrs, "changeset", &mut errors);
        attribute::refuse_repeated(&entries, &["validate"], &mut errors);
        let (mut schema, mut root, mut style, mut validate) = (None, attribute::default_crate(), None, Vec::new());
        for entry in &entries {
            match entry.name.to_string().as_str() {
                "schema" => schema = errors.keep(path(entry, "User")),
                "validate" => validate.extend(errors.keep(path(entry, "path::to::function"))),
                "rename_all" => style = errors.keep(Rename::parse(entry)),
                "crate" => root = errors.keep(entry.crate_path()).unwrap_or(root),
                _ => errors.push(entry.unknown("changeset", KNOWN)),
            }
        }
        if !entries.iter().any(|entry| entry.is("schema")) {
            errors
                .at(&input.ident, "say what the changesets are of: write `#[changeset(schema = User)]` on the struct");
        }
        if let Some(found) = input.attrs.iter().find(|found| found.path().is_ident("validate")) {
            errors.at(
                found,
                "`#[validate(..)]` is for fields; the whole is checked by `#[changeset(validate = path::to::function)]`",
            );
        }
        let constraints = constraint::parse(&input.attrs, false, &mut errors);
        let names = Names { style: style.or_else(|| serde_style(&input.attrs, &mut errors)) };
        let fields = named.named.iter().filter_map(|field| Param::parse(field, &names, &mut errors)).collect();
        let mut params = Params {
            ident: input.ident.clone(),
            root,
            // Only looked at if there was no error.
            schema: schema.unwrap_or_else(|| Path::from(input.ident.clone())),
            fields,
            constraints,
            validate,
        };
        params.find_confirmations(&mut errors);
        params.refuse_same_names(&mut errors);
        errors.finish(params)
    }

    /// Finds the field beside each one with `confirmation`, which is input alone.
    fn find_confirmations(&mut self, errors: &mut Errors) {
        for position in 0..self.fields.len() {
            let field = &self.fields[position];
            let is_confirmation = |rule: &Rule| matches!(rule, Rule::Confirmation { .. });
            let Some(found) = field.validations.iter().position(|validation| is_confirmation(&validation.rule)) else {
                continue;
            };
            let span = field.validations[found].span;
            let (wanted, name) = (format!("{}_confirmation", field.own_name()), format!("{}_confirmation", field.name));
            let Some(beside) = self.fields.iter_mut().find(|other| other.own_name() == wanted) else {
                let message = format!("`confirmation` compares with a field of its own: add `{wanted}: String`");
                errors.push(syn::Error::new(span, message));
                continue;
            };
            let required = beside.required;
            (beside.kind, beside.name, beside.required) = (ParamKind::Input, name, false);
            beside.check_input(errors);
            self.fields[position].validations[found].rule = Rule::Confirmation { required };
        }
    }

    fn refuse_same_names(&self, errors: &mut Errors) {
        for (position, field) in self.fields.iter().enumerate() {
            let earlier = &self.fields[..position];
            if earlier.iter().any(|earlier| earlier.name == field.name) {
                errors.at(&field.target, format!("two fields are for `{}` of the schema", field.name));
            } else if field.param.is_some() && earlier.iter().any(|earlier| earlier.param == field.param) {
                errors.at(&field.ident, "another field has the same name in the input: give one of them another one");
            }
        }
    }
}

fn path(entry: &Entry, example: &str) -> syn::Result<Path> {
    match entry.assigned() {
        Some(Expr::Path(path)) if path.qself.is_none() => Ok(path.path.clone()),
        _ => Err(entry.error(format!("`{0}` takes a path: write `{0} = {example}`", entry.name))),
    }
}

/// What `#[serde(rename_all = "..")]` says.
fn serde_style(attributes: &[Attribute], errors: &mut Errors) -> Option<Rename> {
    let name = crate::param::serde_text(attributes, "rename_all")?;
    let style = Rename::of(&name.value());
    if style.is_none() {
        errors.at(&name, "changesets do not know this style of serde's: give the fields names with `rename = \"..\"`");
    }
    style
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;

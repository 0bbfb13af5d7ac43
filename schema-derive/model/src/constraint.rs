//! Constraints of a params struct: `#[constraint(unique)]`.

use crate::attribute::{self, Argument, Entry, Value};
use crate::errors::Errors;
use proc_macro2::Span;
use syn::{Attribute, Ident};

/// A constraint of the database whose violation is an error of a field.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Where its name is.
    pub span: Span,
    /// Its kind.
    pub kind: ConstraintKind,
    /// The schema's fields that it is over, or its association; empty for the field that the attribute stands at.
    pub fields: Vec<Ident>,
    /// Its name in the database, if it is told by that.
    pub name: Option<(NameMatch, String)>,
    /// The message, if not the usual one.
    pub message: Option<String>,
    /// The field of the error, if not the first one.
    pub error_on: Option<String>,
}

/// The kind of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ConstraintKind {
    Unique,
    ForeignKey,
    Check,
    Exclusion,
    /// The foreign key of a belongs-to association.
    Association,
    /// The foreign keys that point at the row.
    NoAssociation,
}

/// How the name of a constraint is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameMatch {
    /// As a whole.
    Exact,
    /// Its beginning.
    Prefix,
    /// Its end.
    Suffix,
}

const KNOWN: &[&str] = &["unique", "foreign_key", "check", "exclusion", "assoc", "no_assoc"];
const OPTIONS: &[&str] = &["name", "match", "message", "fields", "error_on"];

impl Constraint {
    /// Whether it is of an association, which `fields` names.
    pub fn is_of_association(&self) -> bool {
        matches!(self.kind, ConstraintKind::Association | ConstraintKind::NoAssociation)
    }
}

/// The constraints in `attributes`, of a field or, where there is none, of the struct.
pub(crate) fn parse(attributes: &[Attribute], on_field: bool, errors: &mut Errors) -> Vec<Constraint> {
    let entries = attribute::entries(attributes, "constraint", errors);
    entries.iter().filter_map(|entry| errors.keep(constraint(entry, on_field))).collect()
}

fn constraint(entry: &Entry, on_field: bool) -> syn::Result<Constraint> {
    let kind = match entry.name.to_string().as_str() {
        "unique" => ConstraintKind::Unique,
        "foreign_key" => ConstraintKind::ForeignKey,
        "check" => ConstraintKind::Check,
        "exclusion" => ConstraintKind::Exclusion,
        "assoc" => ConstraintKind::Association,
        "no_assoc" => ConstraintKind::NoAssociation,
        _ => return Err(entry.unknown("constraint", KNOWN)),
    };
    let mut constraint =
        Constraint { span: entry.span(), kind, fields: Vec::new(), name: None, message: None, error_on: None };
    let options = match &entry.value {
        Value::Flag => &[][..],
        _ => entry.list("name = \"users_email_index\"")?,
    };
    let (mut name, mut compared) = (None, None);
    for option in options {
        let Argument::Entry(option) = option else {
            return Err(syn::Error::new_spanned(option, "options have names, such as `name = \"users_email_index\"`"));
        };
        match option.name.to_string().as_str() {
            "name" => name = Some(option.string("users_email_index")?.value()),
            "message" => constraint.message = Some(option.string("has already been taken")?.value()),
            "error_on" => constraint.error_on = Some(option.string("email")?.value()),
            "match" => compared = Some((option.span(), name_match(option)?)),
            "fields" if !constraint.is_of_association() => constraint.fields = fields(option)?,
            _ if constraint.is_of_association() && matches!(option.value, Value::Flag) => {
                constraint.fields.push(option.name.clone());
            }
            _ => return Err(option.unknown("constraint", OPTIONS)),
        }
    }
    constraint.name = match (name, compared) {
        (Some(name), compared) => Some((compared.map_or(NameMatch::Exact, |(_, compared)| compared), name)),
        (None, Some((span, _))) => {
            return Err(syn::Error::new(span, "`match` says how `name` is compared: add `name = \"..\"`"));
        }
        (None, None) => None,
    };
    if constraint.is_of_association() {
        let one = constraint.fields.len() == 1;
        return if one && !on_field {
            Ok(constraint)
        } else {
            let message =
                format!("`{0}` names an association: write `#[constraint({0}(posts))]` on the struct", entry.name);
            Err(syn::Error::new(entry.span(), message))
        };
    }
    if kind == ConstraintKind::Check && constraint.name.is_none() {
        return Err(syn::Error::new(
            entry.span(),
            "a check constraint is told by its name: write `check(name = \"age_is_positive\")`",
        ));
    }
    if !on_field && constraint.fields.is_empty() {
        return Err(syn::Error::new(
            entry.span(),
            format!("name the fields of the constraint: write `{}(fields(org_id, email))`", entry.name),
        ));
    }
    Ok(constraint)
}

fn name_match(option: &Entry) -> syn::Result<NameMatch> {
    match option.word().as_deref() {
        Some("exact") => Ok(NameMatch::Exact),
        Some("prefix") => Ok(NameMatch::Prefix),
        Some("suffix") => Ok(NameMatch::Suffix),
        _ => Err(option.error("`match` is exact, prefix or suffix: write `match = suffix`")),
    }
}

fn fields(option: &Entry) -> syn::Result<Vec<Ident>> {
    let names = option.list("org_id, email")?.iter().map(|argument| match argument {
        Argument::Entry(Entry { name, value: Value::Flag }) => Ok(name.clone()),
        other => Err(syn::Error::new_spanned(other, "`fields` takes names of fields: write `fields(org_id, email)`")),
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn parsed(attribute: Attribute, on_field: bool) -> Result<Vec<Constraint>, String> {
        let mut errors = Errors::default();
        let constraints = parse(&[attribute], on_field, &mut errors);
        errors.finish(constraints).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(attribute: Attribute, expected: &str) {
        let error = parsed(attribute, true).expect_err("it is wrong");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn constraints_are_read_with_their_options() {
        let constraints = parsed(
            parse_quote!(#[constraint(
                unique,
                unique(fields(org_id, email), name = "email_index", match = suffix, message = "is theirs"),
                foreign_key(error_on = "org"),
                check(name = "age_is_positive"),
            )]),
            true,
        )
        .unwrap();
        assert_eq!(constraints[0].kind, ConstraintKind::Unique);
        assert!(constraints[0].fields.is_empty() && constraints[0].name.is_none());
        assert_eq!(constraints[1].fields, ["org_id", "email"]);
        assert_eq!(constraints[1].name, Some((NameMatch::Suffix, "email_index".to_owned())));
        assert_eq!(constraints[1].message.as_deref(), Some("is theirs"));
        assert_eq!(constraints[2].error_on.as_deref(), Some("org"));
        assert_eq!(constraints[3].name, Some((NameMatch::Exact, "age_is_positive".to_owned())));
    }

    #[test]
    fn constraints_of_associations_name_them() {
        let constraints =
            parsed(parse_quote!(#[constraint(no_assoc(posts, message = "has posts"), assoc(org))]), false).unwrap();
        assert_eq!(
            (constraints[0].kind, &*constraints[0].fields),
            (ConstraintKind::NoAssociation, &[parse_quote!(posts)][..])
        );
        assert_eq!(constraints[0].message.as_deref(), Some("has posts"));
        assert_eq!(constraints[1].kind, ConstraintKind::Association);
    }

    #[test]
    fn mistakes_say_what_to_write() {
        refused(parse_quote!(#[constraint(uniqe)]), "did you mean `unique`?");
        refused(parse_quote!(#[constraint(unique(named = "a"))]), "did you mean `name`?");
        refused(parse_quote!(#[constraint(check)]), "`check(name = \"age_is_positive\")`");
        refused(parse_quote!(#[constraint(unique(match = prefix))]), "add `name = \"..\"`");
        refused(parse_quote!(#[constraint(unique(name = "a", match = infix))]), "exact, prefix or suffix");
        refused(parse_quote!(#[constraint(unique("a"))]), "options have names");
        refused(parse_quote!(#[constraint(unique(fields("a")))]), "`fields(org_id, email)`");
        refused(parse_quote!(#[constraint(no_assoc(posts))]), "`#[constraint(no_assoc(posts))]` on the struct");
        let error = parsed(parse_quote!(#[constraint(assoc)]), false).unwrap_err();
        assert!(error.contains("`assoc` names an association"), "{error}");
        let error = parsed(parse_quote!(#[constraint(unique)]), false).unwrap_err();
        assert!(error.contains("write `unique(fields(org_id, email))`"), "{error}");
    }
}

//! A projection: `#[derive(Projection)]`, the result of a select.

use crate::errors::Errors;
use crate::{attribute, item};
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Ident, Type, Visibility};

/// A struct with `#[derive(Projection)]`.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The struct's identifier.
    pub ident: Ident,
    /// The struct's visibility.
    pub vis: Visibility,
    /// The path of the facade crate.
    pub root: syn::Path,
    /// The fields, in order.
    pub fields: Vec<ProjectionField>,
}

/// A field of a projection.
#[derive(Clone, Debug)]
pub struct ProjectionField {
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
}

const KNOWN: &[&str] = &["crate"];

impl Projection {
    /// The projection that a struct describes.
    ///
    /// # Errors
    ///
    /// All mistakes, combined, each pointing at its token.
    pub fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let named = item::named_fields(input, "Projection")?;
        let mut errors = Errors::default();
        item::refuse_generics(input, "Projection", &mut errors);
        let mut root = attribute::default_crate();
        for entry in attribute::entries(&input.attrs, "projection", &mut errors) {
            match entry.name.to_string().as_str() {
                "crate" => root = errors.keep(entry.crate_path()).unwrap_or(root),
                _ => errors.push(entry.unknown("projection", KNOWN)),
            }
        }
        let mut fields = Vec::new();
        for field in &named.named {
            if let Some(found) = field.attrs.iter().find(|attribute| attribute.path().is_ident("projection")) {
                errors.at(found, "a projection's fields take no attributes");
            }
            if let Some(ident) = &field.ident {
                fields.push(ProjectionField {
                    name: ident.unraw().to_string(),
                    ident: ident.clone(),
                    vis: field.vis.clone(),
                    ty: field.ty.clone(),
                    docs: field.attrs.iter().filter(|found| found.path().is_ident("doc")).cloned().collect(),
                });
            }
        }
        if fields.is_empty() {
            errors.at(&input.ident, "a projection needs at least one field");
        }
        errors.finish(Projection { ident: input.ident.clone(), vis: input.vis.clone(), root, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(input: DeriveInput, expected: &str) {
        let error = Projection::parse(&input).map(|found| found.ident).expect_err("it is no projection").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn fields_keep_their_order_and_visibility() {
        let stats = Projection::parse(&parse_quote!(
            struct Stats {
                pub name: String,
                r#type: i64,
            }
        ))
        .unwrap();
        let names: Vec<&str> = stats.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["name", "type"]);
        assert!(matches!(stats.fields[0].vis, Visibility::Public(_)));
        assert!(matches!(stats.fields[1].vis, Visibility::Inherited));
    }

    #[test]
    fn other_items_are_refused() {
        refused(
            parse_quote!(
                struct Stats(i64);
            ),
            "a struct with named fields",
        );
        refused(
            parse_quote!(
                struct Stats {}
            ),
            "at least one field",
        );
        refused(
            parse_quote!(
                struct Stats<T> {
                    a: T,
                }
            ),
            "types without parameters",
        );
        refused(
            parse_quote!(
                struct Stats {
                    #[projection(rename = "b")]
                    a: i64,
                }
            ),
            "take no attributes",
        );
        refused(
            parse_quote!(
                #[projection(table = "x")]
                struct Stats {
                    a: i64,
                }
            ),
            "unknown projection attribute `table`",
        );
    }
}

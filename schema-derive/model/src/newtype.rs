//! A newtype: `#[derive(DbType)] struct Email(String);`.

use crate::attribute;
use crate::errors::Errors;
use crate::{item, types};
use syn::{Data, DeriveInput, Fields, Ident, Type};

/// A struct with `#[derive(DbType)]`.
#[derive(Clone, Debug)]
pub struct Newtype {
    /// The struct's identifier.
    pub ident: Ident,
    /// The path of the facade crate.
    pub root: syn::Path,
    /// The type inside.
    pub inner: Type,
    /// The name of the field, if it has one.
    pub field: Option<Ident>,
}

const KNOWN: &[&str] = &["crate"];
const WANTED: &str = "a struct with one field, such as `struct Email(String)`";

impl Newtype {
    /// The newtype that a struct describes.
    ///
    /// # Errors
    ///
    /// All mistakes, combined, each pointing at its token.
    pub fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let fields = match &input.data {
            Data::Struct(data) => &data.fields,
            Data::Enum(_) => {
                return Err(item::not_this(input, "DbType", &format!("{WANTED}; an enum takes #[derive(DbEnum)]")));
            }
            Data::Union(_) => return Err(item::not_this(input, "DbType", WANTED)),
        };
        let mut errors = Errors::default();
        item::refuse_generics(input, "DbType", &mut errors);
        let mut root = attribute::default_crate();
        for entry in attribute::entries(&input.attrs, "db_type", &mut errors) {
            match entry.name.to_string().as_str() {
                "crate" => root = errors.keep(entry.crate_path()).unwrap_or(root),
                _ => errors.push(entry.unknown("newtype", KNOWN)),
            }
        }
        let field = match fields {
            Fields::Named(fields) if fields.named.len() == 1 => &fields.named[0],
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => &fields.unnamed[0],
            _ => {
                let hint = "for several fields in one JSON column use #[derive(Embedded)]";
                return Err(item::not_this(input, "DbType", &format!("{WANTED}; {hint}")));
            }
        };
        if types::option_item(&field.ty).is_some() {
            let message = "a newtype holds a value, never NULL: put the Option around the newtype where it is a field";
            errors.at(&field.ty, message);
        }
        errors.finish(Newtype { ident: input.ident.clone(), root, inner: field.ty.clone(), field: field.ident.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(input: DeriveInput, expected: &str) {
        let error = Newtype::parse(&input).map(|newtype| newtype.inner).expect_err("it is no newtype").to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn one_field_is_the_type_inside() {
        let email = Newtype::parse(&parse_quote!(
            struct Email(String);
        ))
        .unwrap();
        assert!(types::is_string(&email.inner) && email.field.is_none());
        let id = Newtype::parse(&parse_quote!(
            #[db_type(crate = "db")]
            struct UserId {
                id: i64,
            }
        ))
        .unwrap();
        assert!(id.field.is_some_and(|field| field == "id") && id.root.is_ident("db"));
    }

    #[test]
    fn other_items_are_refused() {
        refused(
            parse_quote!(
                struct Point(i32, i32);
            ),
            "for several fields in one JSON column use #[derive(Embedded)]",
        );
        refused(
            parse_quote!(
                enum Role {
                    A,
                }
            ),
            "an enum takes #[derive(DbEnum)]",
        );
        refused(
            parse_quote!(
                struct Name(Option<String>);
            ),
            "put the Option around the newtype",
        );
        refused(
            parse_quote!(
                struct Id<T>(T);
            ),
            "types without parameters",
        );
        refused(
            parse_quote!(
                #[db_type(name = "x")]
                struct Id(i64);
            ),
            "unknown newtype attribute `name`",
        );
    }
}

//! An enum in one column: `#[derive(DbEnum)]`.

use crate::attribute::{self, Entry};
use crate::errors::Errors;
use crate::identifiers;
use crate::item;
use crate::rename::Rename;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, Variant};

/// An enum with `#[derive(DbEnum)]`.
#[derive(Clone, Debug)]
pub struct DbEnum {
    /// The enum's identifier.
    pub ident: Ident,
    /// The path of the facade crate.
    pub root: syn::Path,
    /// The name of the enum, without `r#`.
    pub name: String,
    /// How it is stored.
    pub storage: Storage,
    /// The variants, in order.
    pub variants: Vec<EnumVariant>,
}

/// How an enum is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As text.
    Text,
    /// As an enum type of this name that the store declares.
    PgType(String),
    /// As the variant's discriminant.
    Integer(Integer),
}

/// The integers that hold discriminants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Integer {
    I16,
    I32,
    I64,
}

/// A variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumVariant {
    /// The variant's identifier.
    pub ident: Ident,
    /// Its stored name.
    pub name: String,
}

const KNOWN: &[&str] = &["rename_all", "pg_type", "integer", "crate"];
const KNOWN_ON_VARIANTS: &[&str] = &["rename"];

impl DbEnum {
    /// The enum that an item describes.
    ///
    /// # Errors
    ///
    /// All mistakes, combined, each pointing at its token.
    pub fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let Data::Enum(data) = &input.data else {
            let hint = "an enum; a struct takes #[derive(DbType)] (newtype) or #[derive(Embedded)] (JSON)";
            return Err(item::not_this(input, "DbEnum", hint));
        };
        let mut errors = Errors::default();
        item::refuse_generics(input, "DbEnum", &mut errors);
        let entries = attribute::entries(&input.attrs, "db_enum", &mut errors);
        attribute::refuse_repeated(&entries, &[], &mut errors);
        let mut root = attribute::default_crate();
        let mut style = Rename::SnakeCase;
        let mut storage = Storage::Text;
        for entry in &entries {
            match entry.name.to_string().as_str() {
                "rename_all" => style = errors.keep(Rename::parse(entry)).unwrap_or(style),
                "pg_type" => storage = errors.keep(pg_type(entry)).unwrap_or(storage),
                "integer" => storage = errors.keep(integer(entry, input)).map_or(storage, Storage::Integer),
                "crate" => root = errors.keep(entry.crate_path()).unwrap_or(root),
                _ => errors.push(entry.unknown("enum", KNOWN)),
            }
        }
        let find = |name: &str| entries.iter().find(|entry| entry.is(name));
        if let Some(entry) = find("integer") {
            for other in ["pg_type", "rename_all"] {
                if find(other).is_some() {
                    let message = format!("`integer` and `{other}` contradict each other: an integer has no name");
                    errors.push(syn::Error::new(entry.span(), message));
                }
            }
        }
        let integer = matches!(storage, Storage::Integer(_));
        let variants = data.variants.iter().map(|variant| parse_variant(variant, style, integer, &mut errors));
        let variants: Vec<EnumVariant> = variants.collect();
        refuse_same_names(variants.iter().map(|variant| (variant.name.as_str(), variant.ident.span())), &mut errors);
        if variants.is_empty() {
            errors.at(&input.ident, "an enum needs at least one variant to be stored");
        }
        let name = input.ident.unraw().to_string();
        errors.finish(DbEnum { ident: input.ident.clone(), root, name, storage, variants })
    }
}

fn parse_variant(variant: &Variant, style: Rename, integer: bool, errors: &mut Errors) -> EnumVariant {
    if !matches!(variant.fields, Fields::Unit) {
        let message =
            "a variant of a DbEnum holds no data: for variants with data in a JSON column use #[derive(Embedded)]";
        errors.at(&variant.fields, message);
    }
    let mut name = style.apply(&variant.ident.unraw().to_string());
    for entry in attribute::entries(&variant.attrs, "db_enum", errors) {
        match entry.name.to_string().as_str() {
            "rename" if integer => errors.push(syn::Error::new(entry.span(), "an enum kept as integers has no names")),
            "rename" => name = errors.keep(entry.string("member")).map_or(name, |text| text.value()),
            _ => errors.push(entry.unknown("variant", KNOWN_ON_VARIANTS)),
        }
    }
    EnumVariant { ident: variant.ident.clone(), name }
}

/// Reports names that two variants or fields share.
pub(crate) fn refuse_same_names<'a>(names: impl Iterator<Item = (&'a str, Span)>, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for (name, span) in names {
        if seen.contains(&name) {
            errors.push(syn::Error::new(
                span,
                format!("\"{name}\" is the stored name of another one: add `rename = \"..\"`"),
            ));
        }
        seen.push(name);
    }
}

fn pg_type(entry: &Entry) -> syn::Result<Storage> {
    let name = entry.string("role")?.value();
    match identifiers::refusal(&name) {
        Some(reason) => Err(entry.error(reason)),
        None => Ok(Storage::PgType(name)),
    }
}

/// The integer that holds every value of the enum's `#[repr(..)]`; i32 without one.
fn integer(entry: &Entry, input: &DeriveInput) -> syn::Result<Integer> {
    entry.flag()?;
    let mut found = Integer::I32;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        attribute.parse_nested_meta(|repr| {
            let name = repr.path.get_ident().map(Ident::to_string).unwrap_or_default();
            found = match name.as_str() {
                "i8" | "u8" | "i16" => Integer::I16,
                "u16" | "i32" => Integer::I32,
                "u32" | "i64" => Integer::I64,
                "u64" | "u128" | "i128" | "usize" | "isize" => {
                    return Err(repr.error("no column holds every value of this type: write `#[repr(i64)]`"));
                }
                _ => found,
            };
            Ok(())
        })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn names(input: DeriveInput) -> Vec<String> {
        DbEnum::parse(&input).unwrap().variants.into_iter().map(|variant| variant.name).collect()
    }

    fn messages(input: DeriveInput) -> Vec<String> {
        DbEnum::parse(&input).unwrap_err().into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn variants_are_snake_case_unless_renamed() {
        assert_eq!(
            names(parse_quote!(
                enum Status {
                    InProgress,
                    #[db_enum(rename = "over")]
                    Done,
                }
            )),
            ["in_progress", "over"]
        );
        assert_eq!(
            names(parse_quote!(
                #[db_enum(rename_all = "kebab-case")]
                enum Status {
                    InProgress,
                }
            )),
            ["in-progress"]
        );
    }

    #[test]
    fn the_storage_follows_the_attributes() {
        let storage = |input: DeriveInput| DbEnum::parse(&input).unwrap().storage;
        assert_eq!(
            storage(parse_quote!(
                enum Role {
                    A,
                }
            )),
            Storage::Text
        );
        assert_eq!(
            storage(parse_quote!(
                #[db_enum(pg_type = "role")]
                enum Role {
                    A,
                }
            )),
            Storage::PgType("role".into())
        );
        assert_eq!(
            storage(parse_quote!(
                #[db_enum(integer)]
                enum Role {
                    A,
                }
            )),
            Storage::Integer(Integer::I32)
        );
        assert_eq!(
            storage(parse_quote!(
                #[db_enum(integer)]
                #[repr(u8)]
                enum Role {
                    A = 3,
                }
            )),
            Storage::Integer(Integer::I16)
        );
        assert_eq!(
            storage(parse_quote!(
                #[db_enum(integer)]
                #[repr(i64)]
                enum Role {
                    A,
                }
            )),
            Storage::Integer(Integer::I64)
        );
    }

    #[test]
    fn mistakes_are_all_reported() {
        let input = parse_quote!(
            #[db_enum(pgtype = "role")]
            enum Role {
                A(i32),
                #[db_enum(name = "x")]
                B,
                #[db_enum(rename = "b")]
                C,
            }
        );
        let found = messages(input);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("unknown enum attribute `pgtype`; did you mean `pg_type`?"), "{found:?}");
        assert!(found[1].contains("#[derive(Embedded)]"));
        assert!(found[2].starts_with("unknown variant attribute `name`"));
        assert!(found[3].starts_with("\"b\" is the stored name of another one"));
    }

    #[test]
    fn contradictions_are_refused() {
        let found = messages(parse_quote!(
            #[db_enum(integer, pg_type = "r")]
            enum Role {
                #[db_enum(rename = "x")]
                A,
            }
        ));
        assert!(found.iter().any(|message| message.starts_with("`integer` and `pg_type` contradict")), "{found:?}");
        assert!(
            messages(parse_quote!(
                #[db_enum(integer)]
                #[repr(u64)]
                enum R {
                    A,
                }
            ))[0]
                .contains("#[repr(i64)]")
        );
        assert!(
            messages(parse_quote!(
                enum Never {}
            ))[0]
                .contains("at least one variant")
        );
        assert!(
            messages(parse_quote!(
                struct Role {
                    a: i32,
                }
            ))[0]
                .starts_with("#[derive(DbEnum)] is for an enum")
        );
    }
}

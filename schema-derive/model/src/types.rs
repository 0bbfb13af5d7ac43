//! What the text of a type says by itself.

use quote::ToTokens;
use syn::{GenericArgument, Ident, Path, PathArguments, Type};

/// The `T` of an `Option<T>`.
///
/// Only the text is looked at: an alias of an Option is not seen.
///
/// ```
/// let name: syn::Type = syn::parse_str("std::option::Option<String>")?;
/// assert!(peristyle_derive_model::option_item(&name).is_some_and(peristyle_derive_model::is_string));
/// # Ok::<(), syn::Error>(())
/// ```
pub fn option_item(ty: &Type) -> Option<&Type> {
    argument(ty).filter(|(name, _)| *name == "Option").map(|(_, item)| item)
}

/// The `Name` and the `T` of a `Name<T>`, which may be the last part of a path.
pub(crate) fn argument(ty: &Type) -> Option<(&Ident, &Type)> {
    let last = path(ty)?.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => match arguments.args.first() {
            Some(GenericArgument::Type(item)) => Some((&last.ident, item)),
            _ => None,
        },
        _ => None,
    }
}

/// The last name of a type's path.
pub(crate) fn last_name(ty: &Type) -> Option<&Ident> {
    path(ty)?.segments.last().map(|last| &last.ident)
}

/// The type as messages show it.
pub(crate) fn text(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "").replace(',', ", ")
}

/// Whether this is `String`.
pub fn is_string(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name == "String")
}

/// Whether the type is written as one of the numbers that a store can hold.
pub fn is_number(ty: &Type) -> bool {
    const NUMBERS: [&str; 6] = ["i16", "i32", "i64", "f32", "f64", "Decimal"];
    last_name(ty).is_some_and(|name| NUMBERS.iter().any(|number| name == number))
}

fn path(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(path) if path.qself.is_none() => Some(&path.path),
        Type::Group(group) => path(&group.elem),
        Type::Paren(paren) => path(&paren.elem),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn options_are_seen_through_paths() {
        assert_eq!(option_item(&parse_quote!(Option<i32>)), Some(&parse_quote!(i32)));
        assert_eq!(option_item(&parse_quote!(::core::option::Option<Vec<u8>>)), Some(&parse_quote!(Vec<u8>)));
        assert_eq!(option_item(&parse_quote!((Option<i32>))), Some(&parse_quote!(i32)));
    }

    #[test]
    fn other_types_are_not_options() {
        assert_eq!(option_item(&parse_quote!(Vec<Option<i32>>)), None);
        assert_eq!(option_item(&parse_quote!(Option)), None);
        assert_eq!(option_item(&parse_quote!((i32, i32))), None);
    }
}

//! What the text of a type says by itself.

use syn::{GenericArgument, Path, PathArguments, Type};

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
    let last = path(ty)?.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" && arguments.args.len() == 1 => {
            match arguments.args.first() {
                Some(GenericArgument::Type(item)) => Some(item),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether this is `String`.
pub fn is_string(ty: &Type) -> bool {
    path(ty).and_then(|path| path.segments.last()).is_some_and(|last| last.ident == "String")
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

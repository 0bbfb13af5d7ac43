//! What attributes ask of a field's type, which only the compiler knows.

use super::stored;
use peristyle_derive_model::{Field, Generation, Schema, is_string, option_item};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// A constant for each demand; one that is not met does not compile, and points at the field's type.
pub(super) fn assertions(schema: &Schema) -> TokenStream {
    let root = &schema.root;
    let checks = |field| type_assertions(field, root).chain(plain_option(field, root)).chain(default_type(field));
    stored(schema).flat_map(|(_, field)| checks(field)).collect()
}

/// Refuses an alias of an Option: the columns are typed by what the field's type looks like.
fn plain_option(field: &Field, root: &syn::Path) -> Option<TokenStream> {
    let ty = &field.ty;
    let message = "this type is another name of an Option: write the field's type as `Option<..>`";
    (!field.nullable).then(|| {
        let nullability = quote_spanned!(ty.span()=> <#ty as #root::schema::FieldKind>::Nullability);
        quote_spanned! {ty.span()=>
            const _: () = ::core::assert!(!<#nullability as #root::expr::Nullability>::NULLABLE, #message);
        }
    })
}

fn type_assertions<'a>(field: &'a Field, root: &'a syn::Path) -> impl Iterator<Item = TokenStream> + 'a {
    let demand = |asked: bool, types: &'static [&'static str], message: &'static str| (asked, types, message);
    let timestamp = matches!(field.generation, Generation::InsertedAt | Generation::UpdatedAt) && !field.by_name;
    let demands = [
        demand(field.size.is_some(), &["Text"], "`size` is for texts: the field must be a String"),
        demand(field.precision.is_some(), &["Decimal"], "`precision` is for decimals: the field must be a Decimal"),
        demand(field.version, &["I16", "I32", "I64"], "a version is an integer: the field must be i16, i32 or i64"),
        demand(field.embed, &["Json"], "`embed` is for JSON: derive Embedded for the field's type"),
        demand(
            timestamp,
            &["Timestamp", "DateTime"],
            "a timestamp is a moment: the field must be a DateTime<Utc> or a NaiveDateTime",
        ),
    ];
    let ty = &field.ty;
    demands.into_iter().filter(|(asked, ..)| *asked).map(move |(_, types, message)| {
        let types = types.iter().map(|name| {
            let name = syn::Ident::new(name, ty.span());
            quote!(#root::value::DataType::#name)
        });
        let data_type =
            quote_spanned!(ty.span()=> <<#ty as #root::schema::FieldKind>::Type as #root::value::DbType>::DATA_TYPE);
        quote_spanned! {ty.span()=>
            const _: () = ::core::assert!(::core::matches!(#data_type, #(#types)|*), #message);
        }
    })
}

/// Checks that the default of an embedded field is of its type; those of others are among the metadata. Of a literal, only the
/// database can say.
fn default_type(field: &Field) -> Option<TokenStream> {
    let (ty, value) = default_value(field).filter(|_| field.embed)?;
    Some(quote_spanned! {value.span()=>
        const _: fn() -> #ty = || #value;
    })
}

/// The default as an expression of a type, which is that of the field without its `Option`; `None` for a literal.
pub(super) fn default_value(field: &Field) -> Option<(&Type, TokenStream)> {
    let default = field.default.as_ref().filter(|default| !default.is_literal())?;
    let ty = option_item(&field.ty).unwrap_or(&field.ty);
    let expression = &default.expression;
    let value = match is_string(ty) {
        true => quote_spanned!(expression.span()=> <#ty as ::core::convert::From<_>>::from(#expression)),
        false => quote!(#expression),
    };
    Some((ty, value))
}

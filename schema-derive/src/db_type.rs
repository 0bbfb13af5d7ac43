//! `#[derive(DbType)]`.

use peristyle_derive_model::{Newtype, is_number, is_string};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::spanned::Spanned;

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    Ok(expand(&Newtype::parse(input)?))
}

fn expand(newtype: &Newtype) -> TokenStream {
    let Newtype { ident, root, inner, field } = newtype;
    let (access, build) = match field {
        Some(name) => (quote!(#name), quote!(|#name| #ident { #name })),
        None => (quote!(0), quote!(#ident)),
    };
    let db_type = quote_spanned!(inner.span()=> <#inner as #root::value::DbType>);
    let decode_error = quote!(#root::error::DecodeError);
    let textual = is_string(inner).then(|| {
        quote! {
            #[automatically_derived]
            impl #root::expr::Textual for #ident {}
        }
    });
    let numeric = is_number(inner).then(|| {
        quote! {
            #[automatically_derived]
            impl #root::changeset::Numeric for #ident {}
        }
    });
    quote! {
        #[automatically_derived]
        impl #root::value::DbType for #ident {
            const DATA_TYPE: #root::value::DataType = #db_type::DATA_TYPE;
            const VARIANTS: &'static [&'static str] = #db_type::VARIANTS;

            fn cast(
                input: &#root::__private::serde_json::Value,
            ) -> ::core::result::Result<Self, #root::value::CastError> {
                #db_type::cast(input).map(#build)
            }

            fn to_value(&self) -> #root::value::Value {
                #db_type::to_value(&self.#access)
            }

            fn into_value(self) -> #root::value::Value {
                #db_type::into_value(self.#access)
            }

            fn from_value(value: #root::value::Value) -> ::core::result::Result<Self, #decode_error> {
                #db_type::from_value(value).map(#build)
            }

            fn decode(
                row: &dyn #root::row::Row,
                index: usize,
            ) -> ::core::result::Result<::core::option::Option<Self>, #decode_error> {
                ::core::result::Result::Ok(#db_type::decode(row, index)?.map(#build))
            }
        }

        #[automatically_derived]
        impl #root::value::ListItem for #ident {}

        #textual
        #numeric
    }
}

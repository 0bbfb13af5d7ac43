//! `#[derive(DbEnum)]`.

use peristyle_derive_model::{DbEnum, Integer, Storage};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let model = DbEnum::parse(input)?;
    let ident = &model.ident;
    let root = &model.root;
    let body = match &model.storage {
        Storage::Text => named(
            &model,
            quote!(#root::value::DataType::Text),
            |name| quote!(#root::value::Value::Text(::std::borrow::ToOwned::to_owned(#name))),
        ),
        Storage::PgType(pg_type) => named(
            &model,
            quote!(#root::value::DataType::Enum(#pg_type)),
            |name| quote!(#root::value::Value::Enum(#pg_type, ::std::borrow::ToOwned::to_owned(#name))),
        ),
        Storage::Integer(integer) => discriminants(&model, *integer),
    };
    Ok(quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #root::value::DbType for #ident {
            #body
        }

        #[automatically_derived]
        impl #root::value::ListItem for #ident {}
    })
}

/// The error of a stored value that is no variant's; `found` shows it.
fn unknown(model: &DbEnum, names: &[String], found: TokenStream) -> TokenStream {
    let DbEnum { root, name, .. } = model;
    quote! {
        ::core::result::Result::Err(#root::error::DecodeError::unknown_variant(#name, &[#(#names),*], #found))
    }
}

fn named(model: &DbEnum, data_type: TokenStream, value: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    let root = &model.root;
    let idents: Vec<&Ident> = model.variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<String> = model.variants.iter().map(|variant| variant.name.clone()).collect();
    let value = value(quote! {
        match self {
            #(Self::#idents => #names,)*
        }
    });
    let unknown = unknown(model, &names, quote!(::std::format_args!("{other:?}")));
    let from_text = |text: TokenStream| {
        quote! {
            match #text {
                #(#names => ::core::result::Result::Ok(Self::#idents),)*
                other => #unknown,
            }
        }
    };
    let from_value = from_text(quote!(text.as_str()));
    let from_column = from_text(quote!(text));
    quote! {
        const DATA_TYPE: #root::value::DataType = #data_type;
        const VARIANTS: &'static [&'static str] = &[#(#names),*];

        fn to_value(&self) -> #root::value::Value {
            #value
        }

        fn from_value(value: #root::value::Value) -> ::core::result::Result<Self, #root::error::DecodeError> {
            match value {
                #root::value::Value::Text(text) | #root::value::Value::Enum(_, text) => #from_value,
                other => ::core::result::Result::Err(#root::error::DecodeError::mismatch(Self::DATA_TYPE, &other)),
            }
        }

        fn decode(
            row: &dyn #root::row::Row,
            index: usize,
        ) -> ::core::result::Result<::core::option::Option<Self>, #root::error::DecodeError> {
            match row.text(index)? {
                ::core::option::Option::None => ::core::result::Result::Ok(::core::option::Option::None),
                ::core::option::Option::Some(text) => #from_column.map(::core::option::Option::Some),
            }
        }
    }
}

fn discriminants(model: &DbEnum, integer: Integer) -> TokenStream {
    let root = &model.root;
    let name = &model.ident;
    let (integer, variant) = match integer {
        Integer::I16 => (quote!(i16), quote!(I16)),
        Integer::I32 => (quote!(i32), quote!(I32)),
        Integer::I64 => (quote!(i64), quote!(I64)),
    };
    let idents: Vec<&Ident> = model.variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<String> = idents.iter().map(|ident| ident.to_string()).collect();
    let unknown = unknown(model, &names, quote!(number));
    let fits = idents.iter().map(|ident| {
        let message = format!("the discriminant of `{ident}` does not fit into {integer}: write `#[repr(i64)]`");
        quote! {
            const _: () = ::core::assert!(#name::#ident as i128 == #name::#ident as #integer as i128, #message);
        }
    });
    let fits: Vec<TokenStream> = fits.collect();
    quote! {
        const DATA_TYPE: #root::value::DataType = #root::value::DataType::#variant;
        const VARIANTS: &'static [&'static str] = &[#(#names),*];

        fn cast(
            input: &#root::__private::serde_json::Value,
        ) -> ::core::result::Result<Self, #root::value::CastError> {
            match input.as_str() {
                #(::core::option::Option::Some(#names) => return ::core::result::Result::Ok(Self::#idents),)*
                _ => {}
            }
            #root::value::Value::cast(Self::DATA_TYPE, input)
                .and_then(|value| Self::from_value(value).map_err(|_| #root::value::CastError::invalid()))
        }

        fn to_value(&self) -> #root::value::Value {
            #(#fits)*
            #root::value::Value::#variant(match self {
                #(Self::#idents => Self::#idents as #integer,)*
            })
        }

        fn from_value(value: #root::value::Value) -> ::core::result::Result<Self, #root::error::DecodeError> {
            let number = <#integer as #root::value::DbType>::from_value(value)?;
            #(if number == Self::#idents as #integer {
                return ::core::result::Result::Ok(Self::#idents);
            })*
            #unknown
        }
    }
}

//! `#[derive(Changeset)]`.

mod checks;
mod rules;

use peristyle_derive_model::{Param, ParamKind, Params};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, Path, Type};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    Ok(expand(&Params::parse(input)?))
}

fn expand(params: &Params) -> TokenStream {
    let Params { ident, root, schema, fields, .. } = params;
    let checks = checks::assertions(params);
    let metas = fields.iter().enumerate().map(|(position, field)| param(position, field, root));
    let puts = fields.iter().enumerate().map(|(position, field)| put(position, field, root));
    let nested = fields.iter().enumerate().filter(|(_, field)| field.param.is_some());
    let nested = nested.filter_map(|(position, field)| nest(position, field, root));
    let keys = fields.iter().enumerate().filter_map(|(position, field)| key(position, field, root));
    let rules = rules::calls(params);
    quote! {
        #[allow(deprecated, clippy::all, clippy::pedantic)]
        const _: () = {
            #checks

            #[automatically_derived]
            impl #root::changeset::Params for #ident {
                type Schema = #schema;

                const FIELDS: &'static [#root::changeset::derived::Param] = &[#(#metas),*];

                fn put(
                    self,
                    input: #root::changeset::derived::Input<#schema>,
                ) -> #root::changeset::derived::Input<#schema> {
                    #(#puts)*
                    input
                }

                fn nest(
                    input: #root::changeset::derived::Input<#schema>,
                ) -> #root::changeset::derived::Input<#schema> {
                    #(#nested)*
                    input
                }

                fn key(&self) -> ::std::vec::Vec<(usize, #root::value::Value)> {
                    #[allow(unused_mut)]
                    let mut key = ::std::vec::Vec::new();
                    #(#keys)*
                    key
                }

                fn check(
                    changeset: #root::changeset::Changeset<#schema>,
                ) -> #root::changeset::Changeset<#schema> {
                    #(#rules)*
                    changeset
                }
            }
        };
    }
}

/// The constant with the position of the schema's field or association.
fn place(position: usize) -> Ident {
    format_ident!("__PERISTYLE_FIELD_{position}")
}

/// The constant with the position of the association that the struct's constraint at `position` names.
fn association_place(position: usize) -> Ident {
    format_ident!("__PERISTYLE_ASSOCIATION_{position}")
}

/// A method's name, in the place of the user's tokens, so that what it demands of them is said there.
fn method(name: &str, span: Span) -> Ident {
    Ident::new(name, span.resolved_at(Span::call_site()))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or(quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}

fn param(position: usize, field: &Param, root: &Path) -> TokenStream {
    let name = &field.name;
    let place = place(position);
    let param = option(field.param.as_ref().map(|param| quote!(#param)));
    let target = match field.kind {
        ParamKind::Field => quote!(Field(#place)),
        ParamKind::Embed => quote!(Embed(#place)),
        ParamKind::Association => quote!(Association),
        ParamKind::Input => quote!(Input),
    };
    let required = if !field.required {
        quote!(No)
    } else if is_nested(field) && field.is_list() && !field.required_by_attribute {
        quote!(Given)
    } else {
        quote!(Filled)
    };
    let message = option(field.required_message.as_ref().map(|message| quote!(#message)));
    quote! {
        #root::changeset::derived::Param {
            name: #name,
            param: #param,
            target: #root::changeset::derived::Target::#target,
            required: #root::changeset::derived::Required::#required,
            message: #message,
        }
    }
}

fn is_nested(field: &Param) -> bool {
    matches!(field.kind, ParamKind::Association | ParamKind::Embed)
}

/// Hands over the value of a field, unless it is absent.
fn put(position: usize, field: &Param, root: &Path) -> TokenStream {
    let Param { ident, name, .. } = field;
    let place = place(position);
    let put = |value: TokenStream| {
        let by_reference = quote!(&#value);
        match field.kind {
            ParamKind::Field if field.is_confirmed() => {
                quote!(input.confirmed(#place, #by_reference).field(#place, #by_reference))
            }
            ParamKind::Field => quote!(input.field(#place, #by_reference)),
            ParamKind::Input => quote!(input.checked(#name, #by_reference)),
            ParamKind::Association | ParamKind::Embed => {
                let list = match field.without_options() {
                    _ if field.is_list() => value,
                    (_, 2) => quote!(::core::iter::Iterator::collect(::core::iter::IntoIterator::into_iter(#value))),
                    _ => quote!(::std::vec![#value]),
                };
                let (params, embed) = nested_types(field, root);
                let (put_embed, put_assoc) = (method("put_embed", params.span()), method("put_assoc", params.span()));
                match field.kind {
                    ParamKind::Embed => quote!(input.#put_embed::<#params, #embed>(#place, #list)),
                    _ => quote!(input.#put_assoc::<#params, #place>(#list)),
                }
            }
        }
    };
    match field.without_options() {
        (_, 0) => {
            let put = put(quote!(self.#ident));
            quote!(let input = #put;)
        }
        _ => {
            let put = put(quote!(value));
            quote! {
                let input = match self.#ident {
                    ::core::option::Option::Some(value) => #put,
                    ::core::option::Option::None => input,
                };
            }
        }
    }
}

/// The type of the params inside, and that of the field which embeds what they are of.
fn nested_types<'a>(field: &'a Param, root: &Path) -> (&'a Type, TokenStream) {
    let (item, is_list) = field.nested_item();
    let of = quote_spanned!(item.span()=> <#item as #root::changeset::Params>::Schema);
    (item, if is_list { quote!(::std::vec::Vec<#of>) } else { of })
}

/// Casts what is nested.
fn nest(position: usize, field: &Param, root: &Path) -> Option<TokenStream> {
    let (place, name) = (place(position), &field.name);
    let (params, embed) = is_nested(field).then(|| nested_types(field, root))?;
    let (cast_embed, cast_assoc) = (method("cast_embed", params.span()), method("cast_assoc", params.span()));
    Some(match field.kind {
        ParamKind::Embed => quote!(let input = input.#cast_embed::<#params, #embed>(#name);),
        _ => quote!(let input = input.#cast_assoc::<#params, #place>();),
    })
}

/// Notes a field of the key, unless it is absent.
fn key(position: usize, field: &Param, root: &Path) -> Option<TokenStream> {
    let (ident, place) = (&field.ident, place(position));
    let push = |value: TokenStream| quote!(key.push((#place, #root::schema::FieldKind::field_value(#value))););
    let found = match field.without_options() {
        (_, 0) => push(quote!(&self.#ident)),
        _ => {
            let push = push(quote!(value));
            quote! {
                if let ::core::option::Option::Some(value) = &self.#ident {
                    #push
                }
            }
        }
    };
    field.key.then_some(found)
}

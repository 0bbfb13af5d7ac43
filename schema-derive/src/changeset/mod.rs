//! `#[derive(Changeset)]`.

mod checks;
mod rules;

use peristyle_derive_model::{Param, ParamKind, Params};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{DeriveInput, Ident};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    Ok(expand(&Params::parse(input)?))
}

fn expand(params: &Params) -> TokenStream {
    let Params { ident, root, schema, fields, .. } = params;
    let checks = checks::assertions(params);
    let metas = fields.iter().enumerate().map(|(position, field)| param(position, field, root));
    let puts = fields.iter().enumerate().map(|(position, field)| put(position, field));
    let rules = rules::calls(params);
    quote! {
        #[allow(deprecated, clippy::all, clippy::pedantic)]
        const _: () = {
            #checks

            #[automatically_derived]
            impl #root::changeset::Params for #ident {
                type Schema = #schema;

                const FIELDS: &'static [#root::changeset::derived::Param] = &[#(#metas),*];

                #[allow(unused_variables)]
                fn put(self, input: &mut #root::changeset::derived::Input<#schema>) {
                    #(#puts)*
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

/// The constant with the position of the schema's field.
fn place(position: usize) -> Ident {
    format_ident!("__PERISTYLE_FIELD_{position}")
}

/// The place of `span`, with the names of derived code.
fn at(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or(quote!(::core::option::Option::None), |value| quote!(::core::option::Option::Some(#value)))
}

fn param(position: usize, field: &Param, root: &syn::Path) -> TokenStream {
    let Param { name, required, .. } = field;
    let place = place(position);
    let param = option(field.param.as_ref().map(|param| quote!(#param)));
    let index = option((field.kind == ParamKind::Field).then(|| quote!(#place)));
    let message = option(field.required_message.as_ref().map(|message| quote!(#message)));
    quote! {
        #root::changeset::derived::Param {
            name: #name,
            param: #param,
            index: #index,
            required: #required,
            message: #message,
        }
    }
}

fn put(position: usize, field: &Param) -> TokenStream {
    let Param { ident, name, .. } = field;
    let place = place(position);
    let put = |value: TokenStream| match field.kind {
        ParamKind::Field if field.is_confirmed() => quote! {
            input.confirmed(#place, #value);
            input.field(#place, #value);
        },
        ParamKind::Field => quote!(input.field(#place, #value);),
        ParamKind::Input => quote!(input.checked(#name, #value);),
    };
    match field.without_options() {
        (_, 0) => put(quote!(&self.#ident)),
        _ => {
            let put = put(quote!(value));
            quote! {
                if let ::core::option::Option::Some(value) = &self.#ident {
                    #put
                }
            }
        }
    }
}

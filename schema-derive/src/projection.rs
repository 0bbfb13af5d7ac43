//! `#[derive(Projection)]`.

use peristyle_derive_model::{Projection, ProjectionField};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    Ok(expand(&Projection::parse(input)?))
}

fn expand(projection: &Projection) -> TokenStream {
    let Projection { ident, vis, root, fields } = projection;
    let select = format_ident!("{}Select", ident.unraw(), span = ident.span());
    let summary = format!("What a select gives for each field of [`{}`].", ident.unraw());
    let names: Vec<&Ident> = fields.iter().map(|field| &field.ident).collect();
    let parameters: Vec<Ident> = fields.iter().map(parameter).collect();
    let members = fields.iter().zip(&parameters).map(|(ProjectionField { ident, vis, docs, name, .. }, parameter)| {
        let text = format!("The selection of `{name}`.");
        let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
        quote!(#docs #vis #ident: #parameter)
    });
    let bounds = fields.iter().zip(&parameters).map(|(field, parameter)| {
        let ty = &field.ty;
        quote_spanned!(ty.span()=> #parameter: #root::query::Yields<__Sc, #ty>)
    });
    let appends = fields.iter().zip(&parameters).map(|(ProjectionField { ident, name, .. }, parameter)| {
        quote! {
            let start = columns.len();
            <#parameter as #root::query::Selection<__Sc>>::append(self.#ident, columns);
            columns.name(start, #name);
        }
    });
    let decodes = fields.iter().zip(&parameters).map(
        |(ProjectionField { ty, .. }, parameter)| quote!(<#parameter as #root::query::Yields<__Sc, #ty>>::read(row)?),
    );
    let places = fields.iter().zip(&parameters).map(|(ProjectionField { ident, ty, .. }, parameter)| {
        quote!(<#parameter as #root::query::Yields<__Sc, #ty>>::places(&mut out.#ident, slots);)
    });
    // With a lifetime to quantify over, a bound that does not hold only takes the impl away: a field that is selected in
    // another way than by position keeps the projection usable.
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let readable = types.iter().map(|ty| quote!(for<'__row> #ty: #root::query::FromRow));
    let decode_error = quote!(#root::error::DecodeError);
    quote! {
        #[doc = #summary]
        #[allow(non_camel_case_types)]
        #vis struct #select<#(#parameters),*> {
            #(#members,)*
        }

        #[allow(non_camel_case_types)]
        impl<__Sc, #(#bounds),*> #root::query::Selection<__Sc> for #select<#(#parameters),*> {
            type Out = #ident;

            fn append(self, columns: &mut #root::query::Selected) {
                #(#appends)*
            }

            fn decode(row: &mut #root::row::RowReader<'_>) -> ::core::result::Result<Self::Out, #decode_error> {
                ::core::result::Result::Ok(#ident { #(#names: #decodes,)* })
            }

            fn slots<'o>(out: &'o mut Self::Out, slots: &mut #root::query::Slots<'o>) {
                #(#places)*
            }
        }

        #[automatically_derived]
        impl #root::query::FromRow for #ident
        where
            #(#readable,)*
        {
            fn from_row(row: &mut #root::row::RowReader<'_>) -> ::core::result::Result<Self, #decode_error> {
                ::core::result::Result::Ok(#ident { #(#names: <#types as #root::query::FromRow>::from_row(row)?,)* })
            }
        }
    }
}

/// A type parameter for a field; the prefix keeps it apart from the user's types.
fn parameter(field: &ProjectionField) -> Ident {
    format_ident!("__{}", field.name, span = field.ident.span())
}

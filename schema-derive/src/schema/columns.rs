//! The struct of columns that closures receive, such as `UserColumns`.

use super::associations;
use crate::owner::Owner;
use peristyle_derive_model::{Field, Schema, option_item};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The name of the struct of columns.
pub(super) fn name(schema: &Schema) -> syn::Ident {
    format_ident!("{}Columns", schema.name, span = schema.ident.span())
}

/// The struct, which stands beside the schema.
pub(super) fn definition(schema: &Schema) -> TokenStream {
    let Schema { vis, root, .. } = schema;
    let name = name(schema);
    let summary = format!("The columns of [`{}`].", schema.name);
    let fields = schema.fields.iter().map(|field| {
        let Field { ident, vis, docs, .. } = field;
        let ty = column_type(field, root);
        let docs = if docs.is_empty() { placeholder(field) } else { quote!(#(#docs)*) };
        quote!(#docs #vis #ident: #ty)
    });
    quote! {
        #[doc = #summary]
        #[allow(dead_code)]
        #vis struct #name<Sc, N: #root::expr::Nullability> {
            #(#fields,)*
            __anchor: #root::expr::Anchor,
            __types: ::core::marker::PhantomData<fn() -> (Sc, N)>,
        }
    }
}

fn placeholder(field: &Field) -> TokenStream {
    let text = if field.is_virtual {
        format!("The virtual field `{}`.", field.name)
    } else {
        format!("The column `{}`.", field.column)
    };
    quote!(#[doc = #text])
}

fn column_type(field: &Field, root: &syn::Path) -> TokenStream {
    let ty = &field.ty;
    let item = option_item(ty);
    if field.is_virtual {
        let item = item.unwrap_or(ty);
        return quote!(#root::schema::Virtual<Sc, #item>);
    }
    match item {
        Some(item) => quote!(#root::expr::Column<Sc, #item, #root::expr::Null>),
        None => quote!(#root::expr::Column<Sc, #ty, N>),
    }
}

/// Its methods: the associations, and what the fields embed.
pub(super) fn methods(schema: &Schema, owner: &Owner<'_>) -> TokenStream {
    let root = &schema.root;
    let name = name(schema);
    let associations = associations::methods(owner);
    let embeds = schema.fields.iter().filter(|field| field.embed && !field.is_virtual);
    let embeds = embeds.map(|Field { ident, vis, docs, ty, name, .. }| owner.embed(ident, vis, docs, ty, name));
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl<Sc: 'static, N: #root::expr::Nullability> #name<Sc, N> {
            #associations
            #(#embeds)*
        }
    }
}

/// Its traits.
pub(super) fn impls(schema: &Schema) -> TokenStream {
    let Schema { root, ident, .. } = schema;
    let name = name(schema);
    let whole_row = |nullability: TokenStream, out: TokenStream, decode: TokenStream| {
        quote! {
            #[automatically_derived]
            impl<Sc> #root::query::Selection<Sc> for #name<Sc, #nullability> {
                type Out = #out;

                fn append(self, columns: &mut #root::query::Selected) {
                    <#ident as #root::schema::Record>::append(self.__anchor, columns);
                }

                fn decode(
                    row: &mut #root::row::RowReader<'_>,
                ) -> ::core::result::Result<Self::Out, #root::error::DecodeError> {
                    #decode
                }

                fn slots<'o>(out: &'o mut Self::Out, slots: &mut #root::query::Slots<'o>) {
                    slots.row(out);
                }
            }
        }
    };
    let loaded = schema.fields.iter().filter(|field| field.load && !field.is_virtual).count();
    let present =
        whole_row(quote!(#root::expr::NotNull), quote!(#ident), quote!(<#ident as #root::schema::Record>::decode(row)));
    let optional = whole_row(
        quote!(#root::expr::Null),
        quote!(::core::option::Option<#ident>),
        quote! {
            if row.all_null(#loaded)? {
                row.skip(#loaded);
                return ::core::result::Result::Ok(::core::option::Option::None);
            }
            <#ident as #root::schema::Record>::decode(row).map(::core::option::Option::Some)
        },
    );
    quote! {
        #[automatically_derived]
        impl<Sc, N: #root::expr::Nullability> ::core::clone::Clone for #name<Sc, N> {
            fn clone(&self) -> Self {
                *self
            }
        }

        #[automatically_derived]
        impl<Sc, N: #root::expr::Nullability> ::core::marker::Copy for #name<Sc, N> {}

        #[automatically_derived]
        impl<Sc: 'static, N: #root::expr::Nullability> #root::query::InScope for #name<Sc, N> {
            type Scope = Sc;
            type Record = #ident;

            fn anchor(&self) -> #root::expr::Anchor {
                self.__anchor
            }
        }

        #present
        #optional
    }
}

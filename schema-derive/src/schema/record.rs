//! The traits of the schema itself: `Record`, `Schema`, `Keyed` and `FromRow`.

use super::{associations, columns, statics};
use peristyle_derive_model::{Field, Schema, option_item};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn impls(schema: &Schema) -> TokenStream {
    let record = record(schema);
    let traits = schema_impl(schema);
    let keyed = keyed(schema);
    let types = field_types(schema);
    let links = associations::links(schema);
    let Schema { root, ident, .. } = schema;
    quote! {
        #record
        #traits
        #keyed
        #types
        #links

        #[automatically_derived]
        impl #root::query::FromRow for #ident {
            fn from_row(
                row: &mut #root::row::RowReader<'_>,
            ) -> ::core::result::Result<Self, #root::error::DecodeError> {
                <Self as #root::schema::Record>::decode(row)
            }
        }
    }
}

fn record(schema: &Schema) -> TokenStream {
    let Schema { root, ident, name, .. } = schema;
    let columns = columns::name(schema);
    let (meta, metas) = statics();
    let column_values = schema.fields.iter().enumerate().map(|(position, field)| {
        let ident = &field.ident;
        if field.is_virtual {
            quote!(#ident: #root::schema::Virtual::new(&#metas[#position]))
        } else {
            quote!(#ident: #root::expr::Column::new(anchor, &#metas[#position]))
        }
    });
    let field_values = schema.fields.iter().enumerate().map(|(position, field)| {
        let Field { ident, ty, .. } = field;
        if field.is_virtual {
            let default = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default());
            quote!(#ident: #default)
        } else if field.load {
            let kind = quote_spanned!(ty.span()=> <#ty as #root::schema::FieldKind>);
            quote!(#ident: #kind::read_field(row, #name, &#metas[#position])?)
        } else {
            quote!(#ident: ::core::option::Option::None)
        }
    });
    let association_values = associations::unloaded(&schema.associations);
    quote! {
        #[automatically_derived]
        impl #root::schema::Record for #ident {
            type Columns<Sc: 'static, N: #root::expr::Nullability> = #columns<Sc, N>;

            const NAME: &'static str = #name;

            fn columns<Sc: 'static, N: #root::expr::Nullability>(anchor: #root::expr::Anchor) -> #columns<Sc, N> {
                #columns {
                    #(#column_values,)*
                    __anchor: anchor,
                    __types: ::core::marker::PhantomData,
                }
            }

            fn loaded_fields() -> impl ::core::iter::Iterator<Item = &'static #root::schema::FieldMeta> {
                #meta.loaded_fields()
            }

            fn append(anchor: #root::expr::Anchor, columns: &mut #root::query::Selected) {
                columns.row(anchor, &#meta);
            }

            fn decode(
                row: &mut #root::row::RowReader<'_>,
            ) -> ::core::result::Result<Self, #root::error::DecodeError> {
                ::core::result::Result::Ok(#ident { #(#field_values,)* #(#association_values,)* })
            }
        }
    }
}

fn schema_impl(schema: &Schema) -> TokenStream {
    let Schema { root, ident, name, .. } = schema;
    let (meta, metas) = statics();
    let arms = |plain: &dyn Fn(&syn::Ident, TokenStream) -> TokenStream,
                of_virtual: &dyn Fn(&syn::Ident, TokenStream) -> TokenStream| {
        let arm = |(position, field): (usize, &Field)| {
            let Field { ident, ty, .. } = field;
            let body = if field.is_virtual {
                of_virtual(ident, quote_spanned!(ty.span()=> #root::schema::VirtualType::<#ty>))
            } else {
                plain(ident, quote_spanned!(ty.span()=> <#ty as #root::schema::FieldKind>))
            };
            quote!(#position => #body)
        };
        schema.fields.iter().enumerate().map(arm).collect::<Vec<_>>()
    };
    let values = arms(
        &|field, kind| quote!(#kind::field_value(&self.#field)),
        &|field, kind| quote!(#kind::value(&self.#field)),
    );
    let assignments = arms(
        &|field, kind| quote!(#kind::from_field_value(value).map(|value| self.#field = value)),
        &|field, kind| quote!(#kind::set(&mut self.#field, value)),
    );
    let casts = arms(&|_, kind| quote!(#kind::cast_field(input)), &|_, kind| quote!(#kind::cast(input)));
    let take_associations = associations::take(schema);
    quote! {
        #[automatically_derived]
        impl #root::schema::Schema for #ident {
            const META: &'static #root::schema::SchemaMeta = &#meta;

            fn value(&self, index: usize) -> #root::value::Value {
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                match index {
                    #(#values,)*
                    _ => #root::value::Value::Null(#root::value::DataType::Text),
                }
            }

            fn set_value(
                &mut self,
                index: usize,
                value: #root::value::Value,
            ) -> ::core::result::Result<(), #root::error::DecodeError> {
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                let set = match index {
                    #(#assignments,)*
                    _ => ::core::result::Result::Err(#root::error::DecodeError::new(
                        value.data_type(),
                        "a field that does not exist",
                    )),
                };
                set.map_err(|error| match #metas.get(index) {
                    ::core::option::Option::Some(field) => error.in_field(#name, field),
                    ::core::option::Option::None => error,
                })
            }

            #take_associations

            fn cast(
                index: usize,
                input: &#root::__private::serde_json::Value,
            ) -> ::core::result::Result<#root::value::Value, #root::value::CastError> {
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                match index {
                    #(#casts,)*
                    _ => ::core::result::Result::Err(#root::value::CastError::invalid()),
                }
            }
        }
    }
}

/// The types of the fields, for the params of other modules, which cannot name them.
fn field_types(schema: &Schema) -> TokenStream {
    let Schema { root, ident, .. } = schema;
    let types = schema.fields.iter().enumerate().map(|(position, field)| {
        let ty = option_item(&field.ty).unwrap_or(&field.ty);
        quote! {
            #[automatically_derived]
            impl #root::schema::check::FieldType<#ident, #position> for #ty {}
        }
    });
    types.collect()
}

fn keyed(schema: &Schema) -> TokenStream {
    let Schema { root, ident, .. } = schema;
    let types = schema.primary_key.iter().map(|&position| &schema.fields[position].ty);
    let key = match schema.primary_key.len() {
        0 => return TokenStream::new(),
        1 => quote!(#(#types)*),
        _ => quote!((#(#types),*)),
    };
    quote! {
        #[automatically_derived]
        impl #root::schema::Keyed for #ident {
            type Key = #key;
        }
    }
}

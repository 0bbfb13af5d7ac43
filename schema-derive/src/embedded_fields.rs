//! What closures receive of an embedded struct: its fields, its associations, and the methods that reach into what it embeds
//! itself.

use crate::owner::Owner;
use crate::schema::{associations, field_meta, statics};
use peristyle_derive_model::{Embedded, EmbeddedField, EmbeddedKind, option_item};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// The fields that embed what may have associations.
fn embeds(model: &Embedded) -> impl Iterator<Item = &EmbeddedField> {
    let fields = match &model.kind {
        EmbeddedKind::Struct(fields) => fields.as_slice(),
        EmbeddedKind::Enum(_) => &[],
    };
    fields.iter().filter(|field| field.embed)
}

/// The association fields of a struct as it comes from a document.
pub(crate) fn unloaded(model: &Embedded) -> impl Iterator<Item = TokenStream> + '_ {
    associations::unloaded(&model.associations.associations)
}

/// The fields of a struct, by position; none of an enum, whose variants have different ones.
fn fields(model: &Embedded) -> Option<&[EmbeddedField]> {
    match &model.kind {
        EmbeddedKind::Struct(fields) => Some(fields),
        EmbeddedKind::Enum(_) => None,
    }
}

/// What stands beside the struct, and what stands in the block that hides derived code: nothing of an enum.
pub(crate) fn definitions(model: &Embedded) -> (TokenStream, TokenStream) {
    let Some(fields) = fields(model) else { return (TokenStream::new(), TokenStream::new()) };
    let Embedded { ident, vis, root, name, .. } = model;
    let handle = format_ident!("{}Fields", name, span = ident.span());
    let summary = format!("The fields of [`{name}`].");
    let handles = fields.iter().map(|EmbeddedField { ident, vis, ty, docs, .. }| {
        let item = option_item(ty).unwrap_or(ty);
        let text = format!("The field `{}`.", ident.unraw());
        let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
        quote!(#docs #vis #ident: #root::schema::Virtual<Sc, #item>)
    });
    let beside = quote! {
        #[doc = #summary]
        #[allow(dead_code)]
        #vis struct #handle<Sc> {
            #(#handles,)*
            __anchor: #root::expr::Anchor,
            __types: ::core::marker::PhantomData<fn() -> Sc>,
        }
    };
    let changeable = changeable(model, fields, &handle);
    let associations = associations_of(model, &handle);
    let values = fields.iter().enumerate().map(|(position, EmbeddedField { ident, .. })| {
        quote!(#ident: #root::schema::Virtual::new(&__PERISTYLE_EMBEDDED_FIELDS[#position]))
    });
    let inside = quote! {
        #[automatically_derived]
        impl<Sc> ::core::clone::Clone for #handle<Sc> {
            fn clone(&self) -> Self {
                *self
            }
        }

        #[automatically_derived]
        impl<Sc> ::core::marker::Copy for #handle<Sc> {}

        impl<Sc> #handle<Sc> {
            fn __new(anchor: #root::expr::Anchor) -> Self {
                #handle { #(#values,)* __anchor: anchor, __types: ::core::marker::PhantomData }
            }
        }
        #changeable
        #associations
    };
    (beside, inside)
}

/// What changesets need to know of the struct.
fn changeable(model: &Embedded, fields: &[EmbeddedField], handle: &Ident) -> TokenStream {
    let Embedded { ident, root, name, .. } = model;
    let count = fields.len();
    let metas = fields.iter().map(|EmbeddedField { ident, key, ty, .. }| {
        let name = ident.unraw().to_string();
        let nullable = option_item(ty).is_some();
        quote! {{
            #[allow(unused_imports)]
            use #root::schema::AnyType as _;
            let mut field = #root::schema::FieldMeta::new(#name, #key, #root::schema::VirtualType::<#ty>::DATA_TYPE);
            field.nullable = #nullable;
            field.is_virtual = true;
            field.variants = #root::schema::VirtualType::<#ty>::VARIANTS;
            field
        }}
    });
    let arms = |body: &dyn Fn(&Ident, TokenStream) -> TokenStream| {
        let arm = |(position, EmbeddedField { ident, ty, .. }): (usize, &EmbeddedField)| {
            let body = body(ident, quote_spanned!(ty.span()=> #root::schema::VirtualType::<#ty>));
            quote!(#position => #body)
        };
        fields.iter().enumerate().map(arm).collect::<Vec<_>>()
    };
    let types = fields.iter().enumerate().map(|(position, EmbeddedField { ty, .. })| {
        let ty = option_item(ty).unwrap_or(ty);
        quote! {
            #[automatically_derived]
            impl #root::schema::check::FieldType<#ident, #position> for #ty {}
        }
    });
    let values = arms(&|field, of| quote!(#of::value(&self.#field)));
    let assignments = arms(&|field, of| quote!(#of::set(&mut self.#field, value)));
    let casts = arms(&|_, of| quote!(#of::cast(input)));
    quote! {
        static __PERISTYLE_EMBEDDED_FIELDS: [#root::schema::FieldMeta; #count] = [#(#metas),*];
        static __PERISTYLE_EMBEDDED: #root::schema::SchemaMeta = {
            let mut meta = #root::schema::SchemaMeta::new(#name, "");
            meta.fields = &__PERISTYLE_EMBEDDED_FIELDS;
            meta.managed = false;
            meta
        };

        #(#types)*

        #[automatically_derived]
        impl #root::changeset::derived::Described for #ident {
            const SHAPE: &'static #root::schema::SchemaMeta = &__PERISTYLE_EMBEDDED;
        }

        #[automatically_derived]
        impl #root::changeset::Changeable for #ident {
            type Fields = #handle<#ident>;

            fn shape() -> &'static #root::schema::SchemaMeta {
                &__PERISTYLE_EMBEDDED
            }

            fn fields(anchor: #root::expr::Anchor) -> Self::Fields {
                #handle::__new(anchor)
            }

            fn field(&self, index: usize) -> #root::value::Value {
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                match index {
                    #(#values,)*
                    _ => #root::value::Value::Null(#root::value::DataType::Text),
                }
            }

            fn set_field(
                &mut self,
                index: usize,
                value: #root::value::Value,
            ) -> ::core::result::Result<(), #root::error::DecodeError> {
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                match index {
                    #(#assignments,)*
                    _ => ::core::result::Result::Err(#root::error::DecodeError::new(
                        value.data_type(),
                        "a field that does not exist",
                    )),
                }
            }

            fn cast_field(
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

/// The associations of the struct, if it has some or what it embeds may have some.
fn associations_of(model: &Embedded, handle: &Ident) -> TokenStream {
    if model.associations.associations.is_empty() && embeds(model).next().is_none() {
        return TokenStream::new();
    }
    let Embedded { ident, root, name, associations, .. } = model;
    let owner = Owner {
        root,
        ident,
        name,
        fields: &associations.key_fields,
        associations: &associations.associations,
        columns: handle.clone(),
        is_embedded: true,
    };
    let (meta, fields) = statics();
    let count = owner.fields.len();
    let field_metas = owner.fields.iter().map(|field| field_meta(field, root));
    let values = owner.fields.iter().enumerate().map(|(position, field)| {
        let (ident, ty) = (&field.ident, &field.ty);
        let kind = quote_spanned!(ty.span()=> <#ty as #root::schema::FieldKind>);
        quote!(#position => #kind::field_value(&self.#ident))
    });
    let associations = associations::definitions(&owner);
    let methods = associations::methods(&owner);
    let embeds = embeds(model).map(|EmbeddedField { ident, vis, docs, ty, .. }| {
        owner.embed(ident, vis, docs, ty, &ident.unraw().to_string())
    });
    quote! {
        static #fields: [#root::schema::FieldMeta; #count] = [#(#field_metas),*];
        static #meta: #root::schema::SchemaMeta = {
            let mut meta = #root::schema::SchemaMeta::new(#name, "");
            meta.fields = &#fields;
            meta.associations = &__PERISTYLE_ASSOCIATIONS;
            meta.managed = false;
            meta
        };
        #associations

        #[automatically_derived]
        #[allow(dead_code)]
        impl<Sc: 'static> #handle<Sc> {
            #methods
            #(#embeds)*
        }

        #[automatically_derived]
        impl #root::schema::HasAssociations for #ident {
            type Associations<Sc: 'static> = #handle<Sc>;

            const OWNER: &'static #root::schema::SchemaMeta = &#meta;

            fn associations<Sc: 'static>(anchor: #root::expr::Anchor) -> #handle<Sc> {
                #handle::__new(anchor)
            }

            fn key_value(&self, index: usize) -> #root::value::Value {
                match index {
                    #(#values,)*
                    _ => #root::value::Value::Null(#root::value::DataType::Text),
                }
            }
        }
    }
}

//! The associations of an embedded struct, and the methods that reach into what it embeds itself.

use crate::owner::Owner;
use crate::schema::{associations, field_meta, statics};
use peristyle_derive_model::{Embedded, EmbeddedField, EmbeddedKind};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
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

/// What stands beside the struct, and what stands in the block that hides derived code: nothing, if it has no associations
/// and nothing in it may have some.
pub(crate) fn definitions(model: &Embedded) -> (TokenStream, TokenStream) {
    if model.associations.associations.is_empty() && embeds(model).next().is_none() {
        return (TokenStream::new(), TokenStream::new());
    }
    let Embedded { ident, vis, root, name, associations, .. } = model;
    let handle = format_ident!("{}Associations", name, span = ident.span());
    let owner = Owner {
        root,
        ident,
        name,
        fields: &associations.key_fields,
        associations: &associations.associations,
        columns: handle.clone(),
        is_embedded: true,
    };
    let summary = format!("The associations of [`{name}`].");
    let beside = quote! {
        #[doc = #summary]
        #[allow(dead_code)]
        #vis struct #handle<Sc> {
            __anchor: #root::expr::Anchor,
            __types: ::core::marker::PhantomData<fn() -> Sc>,
        }
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
    let inside = quote! {
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
        impl<Sc> ::core::clone::Clone for #handle<Sc> {
            fn clone(&self) -> Self {
                *self
            }
        }

        #[automatically_derived]
        impl<Sc> ::core::marker::Copy for #handle<Sc> {}

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
                #handle { __anchor: anchor, __types: ::core::marker::PhantomData }
            }

            fn key_value(&self, index: usize) -> #root::value::Value {
                match index {
                    #(#values,)*
                    _ => #root::value::Value::Null(#root::value::DataType::Text),
                }
            }
        }
    };
    (beside, inside)
}

//! `#[derive(Schema)]`.

pub(crate) mod associations;
mod checks;
mod columns;
mod meta;
mod record;

pub(crate) use meta::field_meta;

use crate::owner::Owner;
use peristyle_derive_model::{Field, Schema};
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    Ok(expand(&Schema::parse(input)?))
}

fn expand(schema: &Schema) -> TokenStream {
    let columns = columns::definition(schema);
    let meta = meta::statics_of(schema);
    let column_impls = columns::impls(schema);
    let record_impls = record::impls(schema);
    let owner = owner(schema);
    let associations = associations::definitions(&owner);
    let methods = columns::methods(schema, &owner);
    let checks = checks::assertions(schema);
    quote! {
        #columns

        #[allow(deprecated, non_upper_case_globals, clippy::all, clippy::pedantic)]
        const _: () = {
            #meta
            #associations
            #methods
            #column_impls
            #record_impls
            #checks
        };
    }
}

/// The names of the statics that hold the metadata, inside the block that hides them.
pub(crate) fn statics() -> (TokenStream, TokenStream) {
    (quote!(__PERISTYLE_META), quote!(__PERISTYLE_FIELDS))
}

/// The schema as what has its associations.
fn owner(schema: &Schema) -> Owner<'_> {
    Owner {
        root: &schema.root,
        ident: &schema.ident,
        name: &schema.name,
        fields: &schema.fields,
        associations: &schema.associations,
        columns: columns::name(schema),
        is_embedded: false,
    }
}

/// The fields that have a column, with their positions.
fn stored(schema: &Schema) -> impl Iterator<Item = (usize, &Field)> {
    schema.fields.iter().enumerate().filter(|(_, field)| !field.is_virtual)
}

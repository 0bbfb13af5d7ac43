//! What has associations: a schema, or an embedded struct.

use peristyle_derive_model::{Association, Field};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident, Path, Type, Visibility};

/// A struct that has associations.
pub(crate) struct Owner<'a> {
    pub root: &'a Path,
    pub ident: &'a Ident,
    /// The name of the struct.
    pub name: &'a str,
    /// The fields among which the keys are.
    pub fields: &'a [Field],
    pub associations: &'a [Association],
    /// What closures receive, and the methods are on.
    pub columns: Ident,
    /// Whether it is part of a document, so that no statement reaches from its associations to a table of its own.
    pub is_embedded: bool,
}

impl Owner<'_> {
    /// The method through which the associations of what a field embeds are reached.
    pub fn embed(&self, ident: &Ident, vis: &Visibility, docs: &[Attribute], ty: &Type, name: &str) -> TokenStream {
        let Owner { root, ident: owner, .. } = self;
        let text = format!("What is embedded in `{name}`, whose associations can be preloaded.");
        let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
        quote! {
            #docs
            #vis fn #ident(&self) -> #root::association::Embed<Sc, #owner, #ty> {
                #root::association::Embed::new(self.__anchor, #name, |owner: &mut #owner| &mut owner.#ident)
            }
        }
    }
}

//! The shapes of items that the derives accept.

use crate::errors::Errors;
use syn::{Data, DeriveInput, Fields, FieldsNamed};

/// The named fields of a struct.
pub(crate) fn named_fields<'a>(input: &'a DeriveInput, derive: &str) -> syn::Result<&'a FieldsNamed> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields),
            _ => Err(not_this(input, derive, "a struct with named fields")),
        },
        _ => Err(not_this(input, derive, "a struct with named fields")),
    }
}

/// The error of another kind of item.
pub(crate) fn not_this(input: &DeriveInput, derive: &str, wanted: &str) -> syn::Error {
    syn::Error::new(input.ident.span(), format!("#[derive({derive})] is for {wanted}"))
}

/// Reports generic parameters.
pub(crate) fn refuse_generics(input: &DeriveInput, derive: &str, errors: &mut Errors) {
    if !input.generics.params.is_empty() {
        let parameters = &input.generics.params;
        errors.at(parameters, format!("#[derive({derive})] is for types without parameters"));
    }
}

//! What params ask of the schema, which only the compiler knows: its fields, and their types.

use super::place;
use peristyle_derive_model::{Constraint, Param, ParamKind, Params};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path};

/// The positions of the schema's fields, and a constant for each demand; one that is not met does not compile, and points at
/// the field.
pub(super) fn assertions(params: &Params) -> TokenStream {
    let Params { root, schema, .. } = params;
    let described = quote_spanned!(schema.span()=> <#schema as #root::changeset::derived::Described>::SHAPE);
    let fields = params.fields.iter().enumerate().filter(|(_, field)| field.kind == ParamKind::Field);
    let demands = fields.map(|(position, field)| demands(params, position, field));
    let of_fields = params.fields.iter().flat_map(|field| &field.constraints);
    let constraints = params.constraints.iter().chain(of_fields).map(|constraint| columns(params, constraint));
    quote! {
        const __PERISTYLE_SCHEMA: &#root::schema::SchemaMeta = #described;
        #(#demands)*
        #(#constraints)*
    }
}

/// The name of the schema, as messages show it.
fn name(schema: &Path) -> String {
    schema.segments.last().map_or_else(|| schema.to_token_stream().to_string(), |last| last.ident.unraw().to_string())
}

fn demands(params: &Params, position: usize, field: &Param) -> TokenStream {
    let Params { root, schema, .. } = params;
    let place = place(position);
    let (owner, own_name, name) = (name(schema), field.own_name(), &field.name);
    let span = field.target.span();
    let missing = if own_name == *name {
        format!(
            "{owner} has no field `{name}`: add it there, name the one that is meant with `#[changeset(field = ..)]`, or mark a value that is only checked with `#[changeset(input)]`"
        )
    } else {
        format!("{owner} has no field `{name}`: `#[changeset(field = ..)]` names a field of the schema")
    };
    let found = quote_spanned! {span=>
        const #place: usize = match #root::schema::check::position(__PERISTYLE_SCHEMA, #name) {
            ::core::option::Option::Some(position) => position,
            ::core::option::Option::None => ::core::panic!(#missing),
        };
    };
    let demand = |span: Span, met: TokenStream, message: String| quote_spanned!(span=> const _: () = ::core::assert!(#met, #message););
    let in_key = (!field.key).then(|| {
        demand(
            span,
            quote!(!#root::schema::check::in_key(__PERISTYLE_SCHEMA, #place)),
            format!(
                "`{name}` is in the primary key of {owner}: leave it out, or write `#[changeset(key)]` if the key comes from outside"
            ),
        )
    });
    let writable = demand(
        span,
        quote!(#root::schema::check::writable(__PERISTYLE_SCHEMA, #place)),
        format!("`{name}` of {owner} is `writable = never`: no changeset can set it"),
    );
    let plain = demand(
        span,
        quote!(!__PERISTYLE_SCHEMA.fields[#place].embedded),
        format!("`{name}` of {owner} is an embedded struct: its fields are cast one by one, with `cast_embed`"),
    );
    let (ty, options) = field.without_options();
    let ty_span = ty.span();
    let nullable = (options == 2).then(|| {
        demand(
            field.ty.span(),
            quote!(__PERISTYLE_SCHEMA.fields[#place].nullable),
            format!("`{name}` of {owner} cannot be NULL: write one Option, which says that it may be absent"),
        )
    });
    let typed = quote_spanned! {ty_span=>
        const _: () = #root::schema::check::field_is::<#ty, #schema, #place>();
    };
    quote!(#found #in_key #writable #plain #nullable #typed)
}

/// The fields of a constraint have columns.
fn columns(params: &Params, constraint: &Constraint) -> TokenStream {
    let Params { root, schema, .. } = params;
    let owner = name(schema);
    let demand = |field: &Ident| {
        let name = field.unraw().to_string();
        let message = format!("{owner} has no column `{name}`: `fields(..)` names fields of the schema");
        quote_spanned! {field.span()=>
            const _: () = ::core::assert!(#root::schema::check::has_field(__PERISTYLE_SCHEMA, #name), #message);
        }
    };
    constraint.fields.iter().map(demand).collect()
}

//! What params ask of the schema, which only the compiler knows: its fields, and their types.

use super::{association_place, nested_types, place};
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
    let demands = params.fields.iter().enumerate().map(|(position, field)| match field.kind {
        ParamKind::Field => of_field(params, position, field),
        ParamKind::Embed => of_embed(params, position, field),
        ParamKind::Association => of_association(params, position, field),
        ParamKind::Input => TokenStream::new(),
    });
    let of_fields = params.fields.iter().flat_map(|field| &field.constraints).map(|found| columns(params, found));
    let of_struct = params.constraints.iter().enumerate().map(|(position, found)| match found.fields.as_slice() {
        [association] if found.is_of_association() => association_position(
            params,
            &association_place(position),
            association,
            "constraints of associations name one",
        ),
        _ => columns(params, found),
    });
    quote! {
        const __PERISTYLE_SCHEMA: &#root::schema::SchemaMeta = #described;
        #(#demands)*
        #(#of_fields)*
        #(#of_struct)*
    }
}

/// The name of the schema, as messages show it.
fn name(schema: &Path) -> String {
    schema.segments.last().map_or_else(|| schema.to_token_stream().to_string(), |last| last.ident.unraw().to_string())
}

/// A constant that only compiles if this is so.
fn demand(span: Span, met: TokenStream, message: String) -> TokenStream {
    quote_spanned!(span=> const _: () = ::core::assert!(#met, #message);)
}

/// The constant with the position of the schema's field.
fn position(params: &Params, place: &Ident, field: &Param) -> TokenStream {
    let root = &params.root;
    let (owner, own_name, name) = (name(&params.schema), field.own_name(), &field.name);
    let missing = if own_name == *name {
        format!(
            "{owner} has no field `{name}`: add it there, name the one that is meant with `#[changeset(field = ..)]`, or mark a value that is only checked with `#[changeset(input)]`"
        )
    } else {
        format!("{owner} has no field `{name}`: `#[changeset(field = ..)]` names a field of the schema")
    };
    quote_spanned! {field.target.span()=>
        const #place: usize = match #root::schema::check::position(__PERISTYLE_SCHEMA, #name) {
            ::core::option::Option::Some(position) => position,
            ::core::option::Option::None => ::core::panic!(#missing),
        };
    }
}

fn of_field(params: &Params, position_in_params: usize, field: &Param) -> TokenStream {
    let Params { root, schema, .. } = params;
    let place = place(position_in_params);
    let (owner, name, span) = (name(schema), &field.name, field.target.span());
    let found = position(params, &place, field);
    let in_key = (!field.key).then(|| {
        demand(
            span,
            quote!(!#root::schema::check::in_key(__PERISTYLE_SCHEMA, #place)),
            format!(
                "`{name}` is in the primary key of {owner}: leave it out, or write `#[changeset(key)]` if the key comes from outside"
            ),
        )
    });
    let plain = demand(
        span,
        quote!(!__PERISTYLE_SCHEMA.fields[#place].embedded),
        format!(
            "`{name}` of {owner} is an embedded struct: derive params for that struct, and write `#[changeset(embed)]` here"
        ),
    );
    let written = written(params, &place, field);
    let (ty, _) = field.without_options();
    let typed = quote_spanned! {ty.span()=>
        const _: () = #root::schema::check::field_is::<#ty, #schema, #place>();
    };
    quote!(#found #in_key #plain #written #typed)
}

/// The field can be written, and may be NULL if the params say so.
fn written(params: &Params, place: &Ident, field: &Param) -> TokenStream {
    let root = &params.root;
    let (owner, name) = (name(&params.schema), &field.name);
    let writable = demand(
        field.target.span(),
        quote!(#root::schema::check::writable(__PERISTYLE_SCHEMA, #place)),
        format!("`{name}` of {owner} is `writable = never`: no changeset can set it"),
    );
    let (_, options) = field.without_options();
    let nullable = (options == 2).then(|| {
        demand(
            field.ty.span(),
            quote!(__PERISTYLE_SCHEMA.fields[#place].nullable),
            format!("`{name}` of {owner} cannot be NULL: write one Option, which says that it may be absent"),
        )
    });
    quote!(#writable #nullable)
}

fn of_embed(params: &Params, position_in_params: usize, field: &Param) -> TokenStream {
    let Params { root, schema, .. } = params;
    let place = place(position_in_params);
    let found = position(params, &place, field);
    let written = written(params, &place, field);
    let (item, embed) = nested_types(field, root);
    let typed = quote_spanned! {item.span()=>
        const _: () = #root::schema::check::field_is::<#embed, #schema, #place>();
    };
    quote!(#found #written #typed)
}

/// The constant with the position of the schema's association.
fn association_position(params: &Params, place: &Ident, association: &Ident, hint: &str) -> TokenStream {
    let Params { root, schema, .. } = params;
    let association_name = association.unraw().to_string();
    let missing = format!("{} has no association `{association_name}`: {hint}", name(schema));
    quote_spanned! {association.span()=>
        const #place: usize = match #root::schema::check::association_position(__PERISTYLE_SCHEMA, #association_name) {
            ::core::option::Option::Some(position) => position,
            ::core::option::Option::None => ::core::panic!(#missing),
        };
    }
}

fn of_association(params: &Params, position_in_params: usize, field: &Param) -> TokenStream {
    let Params { root, schema, .. } = params;
    let place = place(position_in_params);
    let (owner, name, span) = (name(schema), &field.name, field.target.span());
    let hint =
        "name the one that is meant with `#[changeset(field = ..)]`; an embedded struct is `#[changeset(embed)]`";
    let found = association_position(params, &place, &field.target, hint);
    let (item, is_list) = field.nested_item();
    let to_one = quote!(__PERISTYLE_SCHEMA.associations[#place].is_to_one());
    let shape = if is_list {
        let message = format!("`{name}` of {owner} leads to one row: write the type without the Vec");
        demand(item.span(), quote!(!#to_one), message)
    } else {
        let message = format!("`{name}` of {owner} leads to many rows: write the type in a Vec");
        demand(item.span(), to_one, message)
    };
    let own = demand(
        span,
        quote!(#root::schema::check::can_be_written(__PERISTYLE_SCHEMA, #place)),
        format!("`{name}` of {owner} leads through other associations: nest the params of the first of them instead"),
    );
    quote!(#found #shape #own)
}

/// The fields of a constraint have columns.
fn columns(params: &Params, constraint: &Constraint) -> TokenStream {
    let Params { root, schema, .. } = params;
    let owner = name(schema);
    let of_field = |field: &Ident| {
        let name = field.unraw().to_string();
        demand(
            field.span(),
            quote!(#root::schema::check::has_field(__PERISTYLE_SCHEMA, #name)),
            format!("{owner} has no column `{name}`: `fields(..)` names fields of the schema"),
        )
    };
    constraint.fields.iter().map(of_field).collect()
}

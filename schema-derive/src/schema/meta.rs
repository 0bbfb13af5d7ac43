//! The metadata: one static for the fields, one for the schema.

use super::checks::default_value;
use super::statics;
use peristyle_derive_model::{Check, Field, Generation, Index, Prefix, Schema, Writable, option_item};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn statics_of(schema: &Schema) -> TokenStream {
    let root = &schema.root;
    let (meta, fields) = statics();
    let count = schema.fields.len();
    let values = schema.fields.iter().map(|field| field_meta(field, root));
    let body = schema_meta(schema);
    quote! {
        static #fields: [#root::schema::FieldMeta; #count] = [#(#values),*];
        static #meta: #root::schema::SchemaMeta = #body;
    }
}

fn schema_meta(schema: &Schema) -> TokenStream {
    let Schema { root, name, table, primary_key, managed, .. } = schema;
    let (_, fields) = statics();
    let prefix = match &schema.prefix {
        Prefix::None => TokenStream::new(),
        Prefix::Named(prefix) => quote!(meta.prefix = ::core::option::Option::Some(#prefix);),
        Prefix::Required => quote!(meta.prefix_required = true;),
    };
    let index_count = schema.indexes.len();
    let indexes = schema.indexes.iter().map(|index| index_meta(index, schema));
    let checks = schema
        .checks
        .iter()
        .map(|Check { name, condition }| quote!(#root::schema::CheckMeta { name: #name, condition: #condition }));
    let ttl = schema.ttl.map(|ttl| {
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        quote!(meta.ttl = ::core::option::Option::Some(::core::time::Duration::from_millis(#millis));)
    });
    let allow_filtering =
        schema.allow_filtering.map(|limit| quote!(meta.allow_filtering = ::core::option::Option::Some(#limit);));
    let buckets = schema.buckets.map(|count| quote!(meta.buckets = ::core::option::Option::Some(#count);));
    quote! {{
        let mut meta = #root::schema::SchemaMeta::new(#name, #table);
        #prefix
        meta.fields = &#fields;
        meta.primary_key = &[#(#primary_key),*];
        meta.indexes = {
            static INDEXES: [#root::schema::IndexMeta; #index_count] = [#(#indexes),*];
            &INDEXES
        };
        meta.checks = &[#(#checks),*];
        meta.associations = &__PERISTYLE_ASSOCIATIONS;
        meta.managed = #managed;
        #ttl
        #allow_filtering
        #buckets
        meta
    }}
}

fn index_meta(index: &Index, schema: &Schema) -> TokenStream {
    let root = &schema.root;
    let Index { name, unique, filter, .. } = index;
    let columns = index.fields.iter().map(|&position| &schema.fields[position].column);
    let filter = filter.as_ref().map(|filter| quote!(index.filter = ::core::option::Option::Some(#filter);));
    quote! {{
        #[allow(unused_mut)]
        let mut index = #root::schema::IndexMeta::new(#name, &[#(#columns),*], #unique);
        #filter
        index
    }}
}

pub(crate) fn field_meta(field: &Field, root: &syn::Path) -> TokenStream {
    let Field { name, column, ty, redact, load, version, embed, is_virtual, .. } = field;
    let (data_type, nullable, variants) = if *is_virtual {
        let nullable = option_item(ty).is_some();
        let of_any_type = |constant: TokenStream| {
            quote! {{
                #[allow(unused_imports)]
                use #root::schema::AnyType as _;
                #root::schema::VirtualType::<#ty>::#constant
            }}
        };
        (of_any_type(quote!(DATA_TYPE)), quote!(#nullable), of_any_type(quote!(VARIANTS)))
    } else {
        let kind = quote_spanned!(ty.span()=> <#ty as #root::schema::FieldKind>);
        (
            quote_spanned!(ty.span()=> <#kind::Type as #root::value::DbType>::DATA_TYPE),
            quote_spanned!(ty.span()=> <#kind::Nullability as #root::expr::Nullability>::NULLABLE),
            quote_spanned!(ty.span()=> <#kind::Type as #root::value::DbType>::VARIANTS),
        )
    };
    let writable = match field.writable {
        Writable::Always => quote!(Always),
        Writable::Insert => quote!(Insert),
        Writable::Never => quote!(Never),
    };
    let generation = generation(field, root);
    let some = |name: TokenStream, value: TokenStream| quote!(field.#name = ::core::option::Option::Some(#value););
    let default = field.default.as_ref().map(|default| {
        let expression = &default.text;
        let value = match default_value(field).filter(|_| !embed) {
            Some((ty, value)) => quote_spanned! {ty.span()=>
                ::core::option::Option::Some(|| <#ty as #root::schema::FieldKind>::field_value(&#value))
            },
            None => quote!(::core::option::Option::None),
        };
        some(quote!(default), quote!(#root::schema::Default { expression: #expression, value: #value }))
    });
    let sql_type = field.sql_type.as_ref().map(|sql| some(quote!(sql_type), quote!(#sql)));
    let size = field.size.map(|size| some(quote!(size), quote!(#size)));
    let precision = field.precision.map(|(digits, scale)| some(quote!(precision), quote!((#digits, #scale))));
    let references = field.references.as_ref().map(|reference| {
        let (name, table, column) = (&reference.name, &reference.table, &reference.column);
        let on_delete = quote!(#root::schema::OnDelete::Nothing);
        some(
            quote!(references),
            quote!(#root::schema::ReferenceMeta { name: #name, table: #table, column: #column, on_delete: #on_delete }),
        )
    });
    quote! {{
        let mut field = #root::schema::FieldMeta::new(#name, #column, #data_type);
        field.nullable = #nullable;
        field.variants = #variants;
        field.is_virtual = #is_virtual;
        field.redact = #redact;
        field.load = #load;
        field.writable = #root::schema::Writable::#writable;
        #generation
        field.version = #version;
        field.embedded = #embed;
        #default
        #sql_type
        #size
        #precision
        #references
        field
    }}
}

/// How the value is generated, where the type of the column allows it.
fn generation(field: &Field, root: &syn::Path) -> TokenStream {
    let generation = match field.generation {
        Generation::None => return TokenStream::new(),
        Generation::Database => quote!(Database),
        Generation::Key => quote!(Key),
        Generation::InsertedAt => quote!(InsertedAt),
        Generation::UpdatedAt => quote!(UpdatedAt),
    };
    let assignment = quote!(field.generation = #root::schema::Generation::#generation;);
    let data_type = quote!(#root::value::DataType);
    let types = match field.generation {
        Generation::Key => quote!(#data_type::I16 | #data_type::I32 | #data_type::I64 | #data_type::Uuid),
        _ if field.by_name => quote!(#data_type::Timestamp | #data_type::DateTime),
        _ => return assignment,
    };
    quote! {
        if ::core::matches!(field.data_type, #types) {
            #assignment
        }
    }
}

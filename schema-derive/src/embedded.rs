//! `#[derive(Embedded)]`.

use crate::embedded_fields;
use peristyle_derive_model::{Embedded, EmbeddedField, EmbeddedKind, EmbeddedVariant, VariantFields};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, Path, Type};

pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let model = Embedded::parse(input)?;
    let Embedded { ident, root, kind, .. } = &model;
    let (to_json, from_json) = match kind {
        EmbeddedKind::Struct(fields) => struct_bodies(&model, fields),
        EmbeddedKind::Enum(variants) => enum_bodies(&model, variants),
    };
    let json = json(root);
    let decode_error = quote!(#root::error::DecodeError);
    let (beside, associations) = embedded_fields::definitions(&model);
    let implementations = quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #root::value::DbType for #ident {
            const DATA_TYPE: #root::value::DataType = #root::value::DataType::Json;

            fn to_value(&self) -> #root::value::Value {
                #root::value::Value::Json(#to_json)
            }

            fn from_value(value: #root::value::Value) -> ::core::result::Result<Self, #decode_error> {
                match value {
                    #root::value::Value::Json(__json) => {
                        let __json: &#json::Value = &__json;
                        #from_json
                    }
                    __other => ::core::result::Result::Err(#decode_error::mismatch(Self::DATA_TYPE, &__other)),
                }
            }
        }

        #[automatically_derived]
        impl #root::value::ListItem for #ident {
            const LIST_TYPE: #root::value::DataType = #root::value::DataType::Json;
        }
    };
    if associations.is_empty() {
        return Ok(implementations);
    }
    Ok(quote! {
        #beside

        #[allow(deprecated, non_upper_case_globals, clippy::all, clippy::pedantic)]
        const _: () = {
            #associations
            #implementations
        };
    })
}

/// The crate that holds JSON.
fn json(root: &Path) -> TokenStream {
    quote!(#root::__private::serde_json)
}

fn owned(text: &str) -> TokenStream {
    quote!(::std::string::String::from(#text))
}

fn struct_bodies(model: &Embedded, fields: &[EmbeddedField]) -> (TokenStream, TokenStream) {
    let root = &model.root;
    let to_json = object(fields, root, |ident| quote!(&self.#ident));
    let unloaded = embedded_fields::unloaded(model).collect();
    let read = read_object(fields, unloaded, root, &quote!(Self), &quote!(__json));
    (to_json, read)
}

/// A JSON object of fields; `access` gives a reference to a field's value.
fn object(fields: &[EmbeddedField], root: &Path, access: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let json = json(root);
    let inserts = fields.iter().map(|EmbeddedField { ident, ty, key, .. }| {
        let value = to_json(ty, root, access(ident));
        let key = owned(key);
        quote!(__object.insert(#key, #value);)
    });
    quote! {{
        #[allow(unused_mut)]
        let mut __object = #json::Map::new();
        #(#inserts)*
        #json::Value::Object(__object)
    }}
}

/// A `Result` of `constructor { .. }`, read from the JSON object at `source`; `others` are the fields that it has not.
fn read_object(
    fields: &[EmbeddedField],
    others: Vec<TokenStream>,
    root: &Path,
    constructor: &TokenStream,
    source: &TokenStream,
) -> TokenStream {
    let decode_error = quote!(#root::error::DecodeError);
    let values = fields.iter().map(|EmbeddedField { ident, ty, key, default, .. }| {
        let default = if *default {
            let function = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default);
            quote!(::core::option::Option::Some(#function))
        } else {
            quote!(::core::option::Option::None)
        };
        let read = quote_spanned!(ty.span()=> #root::value::field_from_json::<#ty>);
        quote!(#ident: #read(#source, #key, #default)?)
    });
    quote! {
        if #source.is_object() {
            ::core::result::Result::Ok(#constructor { #(#values,)* #(#others,)* })
        } else {
            ::core::result::Result::Err(#decode_error::expected("a JSON object", #source))
        }
    }
}

fn to_json(ty: &Type, root: &Path, reference: TokenStream) -> TokenStream {
    let call = quote_spanned!(ty.span()=> <#ty as #root::value::Embedded>::to_json);
    quote!(#call(#reference))
}

fn from_json(ty: &Type, root: &Path, source: TokenStream) -> TokenStream {
    let call = quote_spanned!(ty.span()=> <#ty as #root::value::Embedded>::from_json);
    quote!(#call(#source))
}

fn enum_bodies(model: &Embedded, variants: &[EmbeddedVariant]) -> (TokenStream, TokenStream) {
    let Embedded { root, name, .. } = model;
    let json = json(root);
    let decode_error = quote!(#root::error::DecodeError);
    let writes = variants.iter().map(|variant| write_variant(variant, root));
    let names: Vec<&String> = variants.iter().map(|variant| &variant.name).collect();
    let (units, tagged): (Vec<_>, Vec<_>) =
        variants.iter().partition(|variant| matches!(variant.fields, VariantFields::Unit));
    let unit_arms = units
        .iter()
        .map(|EmbeddedVariant { ident, name, .. }| quote!(#name => return ::core::result::Result::Ok(Self::#ident)));
    let read_units = (!units.is_empty()).then(|| {
        quote! {
            if let #json::Value::String(__name) = __json {
                match __name.as_str() {
                    #(#unit_arms,)*
                    _ => {}
                }
            }
        }
    });
    let tagged_arms = tagged.iter().map(|variant| {
        let name = &variant.name;
        let read = read_variant(variant, root);
        // A closure, so that `?` leaves the variant and not the function.
        quote! {
            #name => {
                let __read = || -> ::core::result::Result<Self, #decode_error> { #read };
                return __read().map_err(|__error| __error.inside(#name));
            }
        }
    });
    let read_tagged = (!tagged.is_empty()).then(|| {
        quote! {
            if let #json::Value::Object(__object) = __json {
                if let (1, ::core::option::Option::Some((__name, __content))) = (__object.len(), __object.iter().next()) {
                    match __name.as_str() {
                        #(#tagged_arms)*
                        _ => {}
                    }
                }
            }
        }
    });
    let to_json = quote! {
        match self {
            #(#writes,)*
        }
    };
    let from_json = quote! {
        #read_units
        #read_tagged
        ::core::result::Result::Err(#decode_error::unknown_variant(#name, &[#(#names),*], __json))
    };
    (to_json, from_json)
}

fn write_variant(variant: &EmbeddedVariant, root: &Path) -> TokenStream {
    let json = json(root);
    let EmbeddedVariant { ident, name, fields } = variant;
    let name = owned(name);
    let tagged = |content: TokenStream| {
        quote! {{
            let mut __tagged = #json::Map::new();
            __tagged.insert(#name, #content);
            #json::Value::Object(__tagged)
        }}
    };
    match fields {
        VariantFields::Unit => quote!(Self::#ident => #json::Value::String(#name)),
        VariantFields::Newtype(ty) => {
            let content = tagged(to_json(ty, root, quote!(__value)));
            quote!(Self::#ident(__value) => #content)
        }
        VariantFields::Tuple(types) => {
            let bindings = positions(types);
            let items = types.iter().zip(&bindings).map(|(ty, binding)| to_json(ty, root, quote!(#binding)));
            let content = tagged(quote!(#json::Value::Array(::std::vec![#(#items),*])));
            quote!(Self::#ident(#(#bindings),*) => #content)
        }
        VariantFields::Struct(fields) => {
            let names = fields.iter().map(|field| &field.ident);
            let bindings = fields.iter().map(|field| binding(&field.ident));
            let content = tagged(object(fields, root, |ident| {
                let binding = binding(ident);
                quote!(#binding)
            }));
            quote!(Self::#ident { #(#names: #bindings),* } => #content)
        }
    }
}

/// A `Result` of the variant, read from `__content`.
fn read_variant(variant: &EmbeddedVariant, root: &Path) -> TokenStream {
    let decode_error = quote!(#root::error::DecodeError);
    let ident = &variant.ident;
    match &variant.fields {
        VariantFields::Unit => quote!(::core::result::Result::Ok(Self::#ident)),
        VariantFields::Newtype(ty) => {
            let value = from_json(ty, root, quote!(__content));
            quote!(::core::result::Result::Ok(Self::#ident(#value?)))
        }
        VariantFields::Tuple(types) => {
            let bindings = positions(types);
            let items = types.iter().zip(&bindings).map(|(ty, binding)| from_json(ty, root, quote!(#binding)));
            let expected = format!("a JSON array of {}", types.len());
            quote! {
                match __content.as_array().map(|__items| __items.as_slice()) {
                    ::core::option::Option::Some([#(#bindings),*]) => {
                        ::core::result::Result::Ok(Self::#ident(#(#items?),*))
                    }
                    _ => ::core::result::Result::Err(#decode_error::expected(#expected, __content)),
                }
            }
        }
        VariantFields::Struct(fields) => {
            read_object(fields, Vec::new(), root, &quote!(Self::#ident), &quote!(__content))
        }
    }
}

/// Names for the values of a tuple variant.
fn positions(types: &[Type]) -> Vec<Ident> {
    (0..types.len()).map(|position| format_ident!("__value{position}")).collect()
}

/// The name that a variant's field is bound to, apart from the names of the derived code.
fn binding(ident: &Ident) -> Ident {
    format_ident!("__field_{}", ident)
}

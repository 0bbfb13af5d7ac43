//! Associations inside of embedded structs: fields of the type `BelongsTo<..>`, whose keys stand beside them.

use crate::association::{Association, AssociationKind, Draft, Keys};
use crate::errors::Errors;
use crate::field::Field;
use crate::own_key;
use syn::Type;

/// The associations of an embedded struct, and the fields that are their keys: all that a preload needs to know of it.
#[derive(Clone, Debug, Default)]
pub struct EmbeddedAssociations {
    /// The fields that associations compare.
    pub key_fields: Vec<Field>,
    /// The associations; their keys are positions in `key_fields`.
    pub associations: Vec<Association>,
}

/// The association that a field of an embedded struct is, if its type says so.
pub(crate) fn draft<'a>(field: &'a syn::Field, errors: &mut Errors) -> Option<Draft<'a>> {
    let mut draft = Draft::parse(field, "embedded", errors)?;
    if draft.kind != AssociationKind::BelongsTo {
        let (kind, target) = (draft.kind.name(), draft.target_name());
        let message = format!("an embedded struct takes no `{kind}`: nothing in `{target}` can point into a document");
        let fix = "keep their keys in a Vec, or give the association to the schema around it";
        errors.push(draft.type_error(format!("{message}; {fix}")));
        draft.correct = false;
    }
    Some(draft)
}

/// Refuses an association where there can be none, in a variant of an enum.
pub(crate) fn refuse_in_variant(ty: &Type, errors: &mut Errors) {
    if let Some(kind) = AssociationKind::of_type(ty) {
        let message = format!("a variant takes no `{}`", kind.name());
        errors.at(ty, format!("{message}: put the association and its key into a struct with #[derive(Embedded)]"));
    }
}

/// The associations with their keys among the fields of their struct.
pub(crate) fn resolve(drafts: Vec<Draft<'_>>, fields: &[Field], errors: &mut Errors) -> EmbeddedAssociations {
    let mut used: Vec<usize> = Vec::new();
    let mut associations = Vec::new();
    for draft in drafts.into_iter().filter(|draft| draft.correct) {
        let Some(Keys::Own { fields, references }) = own_key::belongs_to(&draft, fields, errors) else { continue };
        let mut place = |field: usize| {
            used.iter().position(|known| *known == field).unwrap_or_else(|| {
                used.push(field);
                used.len() - 1
            })
        };
        let fields = fields.into_iter().map(&mut place).collect();
        associations.push(draft.finish(Keys::Own { fields, references }));
    }
    EmbeddedAssociations { key_fields: used.into_iter().map(|field| fields[field].clone()).collect(), associations }
}

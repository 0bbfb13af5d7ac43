//! From an association with its filters and limits to the one statement that reads it for many rows.

use super::Link;
use super::steps::join_back;
use crate::error::QueryError;
use crate::expr::Anchor;
use crate::preload::{ChildPlan, next_implied};
use crate::query::ast::{Binding, Join, JoinKind, OrderTerm, Path, Select, Source, Step};
use crate::query::paths::{hop_condition, settle_between};
use crate::query::selected::add_key;
use crate::query::{Query, Scope};
use crate::repo::Repo;
use crate::schema::{FieldMeta, HasAssociations, Hop, Schema};

/// A plan, and what it needs of the rows that it is for.
pub(super) struct Planned<Out> {
    pub(super) plan: Result<ChildPlan<Out>, QueryError>,
    /// The fields of the owner that its rows are found by.
    pub(super) own: Vec<&'static FieldMeta>,
}

/// The limit of a query whose rows joins repeat is one of roots, not of each parent's.
const JOINED_LIMIT: &str =
    "a limit per row and a join_preload inside of it contradict each other: use .preload(..) for the inner association";

/// Plans the statement for the rows of `link`.
pub(super) fn plan<Sc: Scope, Out, O: HasAssociations, T: Schema>(
    mut query: Query<Sc, Out>,
    link: Link<O, T>,
    owner: Anchor,
    repo: Option<Repo>,
) -> Planned<Out> {
    let hops = link.hops();
    let own = hops.first().map(|hop| hop.from.clone()).unwrap_or_default();
    let repeats = query.repeats_roots();
    // Before the orders of what is joined.
    if let (false, true, Some(order)) = (query.is_ordered(), query.has_joined(), &link.meta.order) {
        query.select_mut().order_by = (order.0)();
    }
    let limited = query.select_mut().limit.is_some() || query.select_mut().offset.is_some();
    if repeats && limited {
        return Planned { plan: Err(QueryError::new(JOINED_LIMIT)), own };
    }
    let (select, reading) = match query.into_parts() {
        Ok(parts) => parts,
        Err(problem) => return Planned { plan: Err(problem), own },
    };
    let prepared = prepare::<O, T>(select, link, &hops, owner, repo.is_some());
    let (mut select, parent, own, repeats, joins_parents) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => return Planned { plan: Err(problem), own },
    };
    let key = add_key(&mut select.columns, parent.clone());
    let identity = repeats.then(|| {
        let key = T::META.key_fields().map(|(_, field)| (vec![Step::Column(Binding::of(0, 0), field)], field));
        add_key(&mut select.columns, key.collect())
    });
    // The parents' key is joined along with the rest, and taken out again: it stands in a condition when keys are known.
    let count = parent.len();
    select.filter.extend(parent.iter().map(|(expression, _)| expression.clone()));
    let expanded = select.with_joins().map_err(QueryError::new).map(|mut select| {
        let keys = select.filter.split_off(select.filter.len() - count);
        let parent = keys.into_iter().zip(parent).map(|(expression, (_, field))| (expression, field)).collect();
        let name = format!("{}.{}", O::OWNER.name, link.meta.name);
        let association = (O::OWNER, link.meta);
        let fields = own.clone();
        ChildPlan { select, parent, fields, key, identity, reading, repo, association, name, joins_parents }
    });
    Planned { plan: expanded, own }
}

type Prepared = (Select, Vec<(Vec<Step>, &'static FieldMeta)>, Vec<&'static FieldMeta>, bool, bool);

fn prepare<O: HasAssociations, T: Schema>(
    mut select: Select,
    link: Link<O, T>,
    hops: &[Hop],
    owner: Anchor,
    elsewhere: bool,
) -> Result<Prepared, QueryError> {
    let first = hops.first().ok_or_else(|| QueryError::new("the association leads nowhere"))?;
    let repeats = link.repeats(hops);
    if repeats && T::META.primary_key.is_empty() {
        return Err(QueryError::new(format!(
            "{}.{} leads through other tables to {}, which has no primary key to tell its rows apart by",
            O::OWNER.name,
            link.meta.name,
            T::NAME
        )));
    }
    let place = join_back(&mut select, hops)?;
    if select.order_by.is_empty()
        && let Some(order) = &link.meta.order
    {
        select.order_by = (order.0)();
    }
    // Of a many-to-many association, the only one whose order names them, the first hop leads to the rows between.
    select.order_by.iter_mut().for_each(|term| settle_between(&mut term.expression, place));
    for filter in &first.filters {
        select.filter.insert(0, crate::query::paths::moved(filter(), place));
    }
    let limited = select.limit.is_some() || select.offset.is_some();
    if limited && (select.order_by.is_empty() || repeats) {
        select.order_by.extend(T::META.key_fields().map(|(_, field)| OrderTerm {
            expression: vec![Step::Column(Binding::of(0, 0), field)],
            descending: false,
            nulls: None,
        }));
    }
    let uses_parent = resolve_parent(&mut select, owner)?;
    if !uses_parent {
        let key = first.keys.iter().map(|field| (vec![Step::Column(place, field)], *field)).collect();
        return Ok((select, key, first.from.clone(), repeats, false));
    }
    if elsewhere {
        return Err(QueryError::new(
            "the filter of rows in another repo cannot use the columns of the row that they belong to: filter the rows \
             after the preload",
        ));
    }
    let own: Vec<&'static FieldMeta> = O::OWNER.key_fields().map(|(_, field)| field).collect();
    if own.is_empty() {
        return Err(QueryError::new(format!(
            "the filter of a preload uses columns of {}, which has no primary key to tell its rows apart by",
            O::OWNER.name
        )));
    }
    let parent = next_implied(&select)?;
    let bare = Hop { filters: Vec::new(), ..first.clone() };
    let on = hop_condition(&bare, parent, place);
    let prefix = select.prefix().map(str::to_owned);
    let source = Source::Table { schema: O::OWNER, prefix };
    select.visit_bindings(0, &mut |binding| {
        if binding.index == PARENT {
            binding.index = parent.index;
        }
    });
    select.implied.push(Join { kind: JoinKind::Inner, source, on });
    let key = own.iter().map(|field| (vec![Step::Column(parent, field)], *field)).collect();
    Ok((select, key, own, repeats, true))
}

/// Stands for the parent's table until it is joined.
const PARENT: u8 = u8::MAX;

/// Turns references to the row that the rows belong to into references to its table, which is to be joined; says whether
/// there are any.
fn resolve_parent(select: &mut Select, owner: Anchor) -> Result<bool, QueryError> {
    const OTHERS: &str = "the filter of a preload or of a collected association can use the columns of its own rows and of \
                          the row that they belong to, not those of other tables or of rows further out";
    let (mut found, mut problem) = (false, false);
    let (index, path) = owner.place();
    for depth in 2..8 {
        select.visit_bindings(depth, &mut |_| problem = true);
    }
    select.visit_bindings(1, &mut |binding| {
        if binding.index != index || (!path.is_empty() && binding.path != path) {
            problem = true;
        }
        found = true;
    });
    if problem {
        return Err(QueryError::new(OTHERS));
    }
    if found {
        let mut moved = |binding: &mut Binding| {
            binding.depth -= 1;
            binding.index = PARENT;
            if !path.is_empty() {
                binding.path = Path::NONE;
            }
        };
        select.visit_bindings(1, &mut moved);
    }
    Ok(found)
}

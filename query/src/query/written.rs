//! From a query to the rows that a write means: a filter, and further tables.

use super::ast::{BinaryOperator, Binding, Expression, Join, JoinKind, OutputColumn, Select, Source, Step};
use super::first_mistake;
use super::paths::visit_steps;
use crate::error::QueryError;
use crate::schema::{FieldMeta, SchemaMeta};

/// The rows of a table that an UPDATE or a DELETE means.
pub(crate) struct Written {
    pub(crate) schema: &'static SchemaMeta,
    pub(crate) prefix: Option<String>,
    /// What the columns become, over the table and those of `from`.
    pub(crate) set: Vec<(&'static FieldMeta, Expression)>,
    pub(crate) from: Vec<Join>,
    pub(crate) filter: Vec<Expression>,
    pub(crate) allow_filtering: Option<u64>,
}

/// The rows of a query, and what is set of them; `set` may use the joined tables and follow associations.
///
/// `verb` is the method's name.
///
/// - A query of one table is its filter.
/// - Inner joins stand beside the table, where the filter sees all.
/// - What a filter cannot say (a limit, an offset, `distinct`, left joins) is a query of the keys of the rows.
/// - Left joins whose columns are used stand beside the table, too, behind another occurrence of it.
pub(crate) fn written(
    verb: &str,
    mut select: Select,
    mut set: Vec<(&'static FieldMeta, Expression)>,
) -> Result<Written, QueryError> {
    let Source::Table { schema, .. } = &select.source else {
        return Err(QueryError::new(format!(
            "{verb} writes rows of a table: its query begins with one, such as User::query()"
        )));
    };
    let (schema, allow_filtering) = (*schema, select.allow_filtering);
    if !select.group_by.is_empty() || !select.having.is_empty() {
        return Err(QueryError::new(format!(
            "{verb} cannot write groups: filter by them, as in `.filter(|x| x.id.in_query(grouped))`"
        )));
    }
    for (_, expression) in &mut set {
        if let Some(message) = first_mistake(expression) {
            return Err(QueryError::new(message));
        }
    }
    // As columns of the query they take part in its joins.
    let (fields, columns): (Vec<_>, Vec<_>) = set
        .into_iter()
        .map(|(field, expression)| (field, OutputColumn::Expression { expression, alias: None }))
        .unzip();
    select.columns = columns;
    let mut select = select.with_joins().map_err(QueryError::new)?;
    let prefix = select.prefix().map(str::to_owned);
    let expressions = std::mem::take(&mut select.columns).into_iter().filter_map(|column| match column {
        OutputColumn::Expression { expression, .. } => Some(expression),
        OutputColumn::Row(..) => None,
    });
    let mut set: Vec<(&'static FieldMeta, Expression)> = fields.into_iter().zip(expressions).collect();
    let is_cut = is_cut(&select);
    if !is_cut {
        select.order_by.clear();
        select.distinct = false;
    }
    let has_left = select.joins.iter().any(|join| match join.kind {
        JoinKind::Inner => false,
        JoinKind::Left => true,
    });
    if !is_cut && (select.joins.is_empty() || (!has_left && verb == UPDATE_ALL)) {
        return Ok(Written { schema, prefix, set, from: select.joins, filter: select.filter, allow_filtering });
    }
    if schema.primary_key.is_empty() {
        return Err(QueryError::new(format!(
            "{verb} finds its rows by their key where the query has a limit, an offset or such joins, and {} has no \
             primary key: use filters alone",
            schema.name
        )));
    }
    let mut uses_joins = false;
    for (_, expression) in &mut set {
        visit_steps(expression, 0, &mut |binding| uses_joins |= binding.index > 0);
    }
    let mut from = Vec::new();
    let mut filter = Vec::new();
    if uses_joins {
        from = beside(&select, schema, prefix.as_deref());
        // The other occurrence of the table is source 1.
        let moved = |binding: &mut Binding| binding.index += u8::from(binding.index > 0);
        set.iter_mut().for_each(|(_, expression)| visit_steps(expression, 0, &mut { moved }));
        if !is_cut {
            filter = std::mem::take(&mut select.filter);
            filter.iter_mut().for_each(|expression| visit_steps(expression, 0, &mut { moved }));
        }
    }
    if is_cut || !uses_joins {
        filter.push(is_among(select, schema));
    }
    Ok(Written { schema, prefix, set, from, filter, allow_filtering })
}

/// Whether a query gives fewer rows than its filters and joins let through.
fn is_cut(select: &Select) -> bool {
    // No dots: a new clause has to say here, and above, what it means for a write.
    let Select {
        source: _,
        joins: _,
        implied: _,
        filter: _,
        group_by: _,
        having: _,
        order_by: _,
        limit,
        offset,
        distinct: _,
        // What is written is locked anyway.
        lock: _,
        prefix: _,
        columns: _,
        allow_filtering: _,
    } = select;
    limit.is_some() || offset.is_some()
}

pub(crate) const UPDATE_ALL: &str = "update_all";
pub(crate) const DELETE_ALL: &str = "delete_all";

/// The table once more as source 1, equal to source 0 by its key, and what the query joins to it behind.
fn beside(select: &Select, schema: &'static SchemaMeta, prefix: Option<&str>) -> Vec<Join> {
    let on = same_key(schema, Binding::of(0, 0), Binding::of(0, 1));
    let source = Source::Table { schema, prefix: prefix.map(str::to_owned) };
    let mut from = vec![Join { kind: JoinKind::Inner, source, on }];
    from.extend(select.joins.iter().cloned());
    for join in &mut from[1..] {
        visit_steps(&mut join.on, 0, &mut |binding| binding.index += 1);
    }
    from
}

/// The condition that a row's key is among those of a query.
fn is_among(mut select: Select, schema: &'static SchemaMeta) -> Expression {
    let root = Binding::of(0, 0);
    select.columns = schema.key_fields().map(|(_, field)| OutputColumn::field(field)).collect();
    let mut key = schema.key_fields();
    if let (Some((_, field)), None) = (key.next(), key.next()) {
        return vec![Step::Column(root, field), Step::InQuery(Box::new(select), false)];
    }
    let mut rows = Select::new(Source::Subquery(Box::new(select)));
    rows.columns = schema.key_fields().map(|(_, field)| OutputColumn::field(field)).collect();
    rows.filter.push(same_key(schema, root, Binding::of(1, 0)));
    vec![Step::Exists(Box::new(rows), false)]
}

/// The condition that two rows have the same key.
fn same_key(schema: &'static SchemaMeta, one: Binding, other: Binding) -> Expression {
    let mut steps = Expression::new();
    for (_, field) in schema.key_fields() {
        steps.extend([Step::Column(one, field), Step::Column(other, field), Step::Binary(BinaryOperator::Equal)]);
    }
    if schema.primary_key.len() != 1 {
        steps.push(Step::All(schema.primary_key.len()));
    }
    steps
}

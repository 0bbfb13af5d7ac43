//! Repeats an implementation for tuples of one to sixteen elements.

/// Calls `$each!` with the type names of a tuple, for each length from one to sixteen.
macro_rules! for_each_tuple {
    ($each:ident) => {
        $each!(A);
        $each!(A B);
        $each!(A B C);
        $each!(A B C D);
        $each!(A B C D E);
        $each!(A B C D E F);
        $each!(A B C D E F G);
        $each!(A B C D E F G H);
        $each!(A B C D E F G H I);
        $each!(A B C D E F G H I J);
        $each!(A B C D E F G H I J K);
        $each!(A B C D E F G H I J K L);
        $each!(A B C D E F G H I J K L M);
        $each!(A B C D E F G H I J K L M O);
        $each!(A B C D E F G H I J K L M O P);
        $each!(A B C D E F G H I J K L M O P Q);
    };
}
pub(crate) use for_each_tuple;

//! Which cells of a two-level table are withheld, so that no small count can be reckoned from the others.

/// Leaves (areas), the parents they add up to, and the whole. A leaf without a parent adds to the whole directly.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Parent of each leaf.
    pub(super) parent_of: Vec<Option<usize>>,
    /// Number of parents.
    pub(super) n_parents: usize,
}

/// What is withheld.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hidden {
    /// Per leaf.
    pub(super) leaves: Vec<bool>,
    /// Per parent.
    pub(super) parents: Vec<bool>,
    /// The whole.
    pub(super) whole: bool,
}

/// One count in every cell.
struct Counts {
    leaves: Vec<u64>,
    parents: Vec<u64>,
    whole: u64,
}

/// A member of a sum: a leaf or a parent.
#[derive(Clone, Copy, PartialEq)]
enum Member {
    Leaf(usize),
    Parent(usize),
}

impl Tree {
    /// Nothing withheld.
    pub(super) fn nothing(&self) -> Hidden {
        Hidden {
            leaves: vec![false; self.parent_of.len()],
            parents: vec![false; self.n_parents],
            whole: false,
        }
    }

    fn counts(&self, leaves: &[u64]) -> Counts {
        let mut parents = vec![0; self.n_parents];
        for (count, parent) in leaves.iter().zip(&self.parent_of) {
            if let Some(p) = parent {
                parents[*p] += count;
            }
        }
        Counts { leaves: leaves.to_vec(), parents, whole: leaves.iter().sum() }
    }
}

impl Hidden {
    /// Whether nothing is withheld.
    #[cfg(test)]
    pub(super) fn is_nothing(&self) -> bool {
        !self.whole && !self.leaves.contains(&true) && !self.parents.contains(&true)
    }

    /// Adds what another withholds.
    pub(super) fn add(&mut self, other: &Hidden) {
        self.whole |= other.whole;
        self.leaves.iter_mut().zip(&other.leaves).for_each(|(a, b)| *a |= b);
        self.parents.iter_mut().zip(&other.parents).for_each(|(a, b)| *a |= b);
    }
}

/// Withholds, in all of some counts at once, every cell in which one of them is from 1 to `min_cell − 1`, what
/// `seeds` withholds, and as few further cells as a simple choice finds so that
///
/// - a published sum has none or at least two withheld members, and these hold none or at least `min_cell` of
///   each count: neither a member nor the withheld ones together can then be reckoned as a small count;
/// - a withheld parent has a withheld leaf, so that it does not follow from its leaves.
///
/// Then a change of any withheld leaf can always be made good by another one, without touching a published
/// cell: no withheld cell is determined. Further cells are taken where `likes` withholds already, then the
/// smallest, then the first. `measures` holds one column of leaves per count.
pub(super) fn choose(
    tree: &Tree,
    measures: &[Vec<u64>],
    min_cell: u64,
    seeds: &Hidden,
    likes: &Hidden,
) -> Hidden {
    let all: Vec<Counts> = measures.iter().map(|m| tree.counts(m)).collect();
    let is_small = |count: u64| count > 0 && count < min_cell;
    let mut hidden = seeds.clone();
    for counts in &all {
        counts.leaves.iter().zip(&mut hidden.leaves).for_each(|(n, h)| *h |= is_small(*n));
        counts.parents.iter().zip(&mut hidden.parents).for_each(|(n, h)| *h |= is_small(*n));
        hidden.whole |= is_small(counts.whole);
    }
    let mut children: Vec<Vec<Member>> = vec![Vec::new(); tree.n_parents];
    let mut top: Vec<Member> = (0..tree.n_parents).map(Member::Parent).collect();
    for (leaf, parent) in tree.parent_of.iter().enumerate() {
        match parent {
            Some(p) => children[*p].push(Member::Leaf(leaf)),
            None => top.push(Member::Leaf(leaf)),
        }
    }
    let choice = Choice { all: &all, min_cell, likes };
    loop {
        let before = hidden.clone();
        for (p, members) in children.iter().enumerate() {
            let complete = choice.close(members, hidden.parents[p], &mut hidden);
            hidden.parents[p] |= !complete;
        }
        let complete = choice.close(&top, hidden.whole, &mut hidden);
        hidden.whole |= !complete;
        if hidden == before {
            return hidden;
        }
    }
}

struct Choice<'a> {
    all: &'a [Counts],
    min_cell: u64,
    likes: &'a Hidden,
}

impl Choice<'_> {
    /// Withholds further members of a sum until the rules hold; `false` where its members do not suffice.
    fn close(&self, members: &[Member], sum_is_hidden: bool, hidden: &mut Hidden) -> bool {
        loop {
            let n_hidden = members.iter().filter(|m| is_hidden(**m, hidden)).count();
            let wanting: Vec<&Counts> = match sum_is_hidden {
                true => Vec::new(),
                false => self.all.iter().filter(|c| self.is_small_together(c, members, hidden)).collect(),
            };
            let is_done = match sum_is_hidden {
                true => n_hidden > 0 || members.is_empty(),
                false => n_hidden == 0 || (n_hidden >= 2 && wanting.is_empty()),
            };
            if is_done {
                return true;
            }
            let next = members.iter().copied().filter(|m| !is_hidden(*m, hidden)).min_by_key(|m| {
                let brings_nothing = wanting.iter().any(|c| value(c, *m) == 0);
                let size: u64 = self.all.iter().map(|c| value(c, *m)).sum();
                (!is_hidden(*m, self.likes), brings_nothing || size == 0, size)
            });
            match next {
                Some(Member::Leaf(i)) => hidden.leaves[i] = true,
                Some(Member::Parent(i)) => hidden.parents[i] = true,
                None => return false,
            }
        }
    }

    fn is_small_together(&self, counts: &Counts, members: &[Member], hidden: &Hidden) -> bool {
        let together: u64 =
            members.iter().filter(|m| is_hidden(**m, hidden)).map(|m| value(counts, *m)).sum();
        together > 0 && together < self.min_cell
    }
}

fn is_hidden(member: Member, hidden: &Hidden) -> bool {
    match member {
        Member::Leaf(i) => hidden.leaves[i],
        Member::Parent(i) => hidden.parents[i],
    }
}

fn value(counts: &Counts, member: Member) -> u64 {
    match member {
        Member::Leaf(i) => counts.leaves[i],
        Member::Parent(i) => counts.parents[i],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_parent(n: usize) -> Tree {
        Tree { parent_of: vec![Some(0); n], n_parents: 1 }
    }

    fn hide(tree: &Tree, counts: &[u64]) -> Hidden {
        choose(tree, &[counts.to_vec()], 5, &tree.nothing(), &tree.nothing())
    }

    #[test]
    fn nothing_small_means_nothing_is_withheld_and_zero_is_not_small() {
        assert!(hide(&one_parent(3), &[5, 0, 70]).is_nothing());
    }

    #[test]
    fn a_small_count_takes_the_next_smallest_with_it() {
        let hidden = hide(&one_parent(4), &[3, 70, 9, 0]);
        assert_eq!(hidden.leaves, [true, false, true, false]);
        assert_eq!((hidden.parents, hidden.whole), (vec![false], false));
    }

    #[test]
    fn two_small_counts_that_are_small_together_take_a_third() {
        assert_eq!(hide(&one_parent(3), &[1, 2, 8]).leaves, [true, true, true]);
    }

    #[test]
    fn an_only_child_takes_its_parent_and_another_parent_with_a_child() {
        let tree = Tree { parent_of: vec![Some(0), Some(1), Some(1)], n_parents: 2 };
        let hidden = hide(&tree, &[3, 70, 9]);
        assert_eq!(hidden.leaves, [true, false, true]);
        assert_eq!(hidden.parents, [true, true]);
        assert!(!hidden.whole);
    }

    #[test]
    fn a_whole_that_is_small_is_withheld_itself() {
        assert!(hide(&one_parent(2), &[3, 0]).whole);
    }

    #[test]
    fn what_another_count_withholds_is_taken_first() {
        let tree = one_parent(3);
        let likes = Hidden { leaves: vec![false, true, false], ..tree.nothing() };
        let hidden = choose(&tree, &[vec![3, 70, 9]], 5, &tree.nothing(), &likes);
        assert_eq!(hidden.leaves, [true, true, false]);
    }
}

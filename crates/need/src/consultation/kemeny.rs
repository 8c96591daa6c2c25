//! The order closest to several orders: fewest pairs ordered otherwise, summed over all of them (Kemeny).
//!
//! Things that form no majority cycle are placed by majorities alone: the order follows the strongly connected groups
//! of the majority relation, which is exact (Truchon's extended Condorcet criterion). Within a group of up to
//! 14 things the best order is found by dynamic programming over subsets; larger groups start from the
//! given order (Borda) and are improved by moving single things until no move helps. A lower bound, the sum over all
//! pairs of the smaller side, says how far from the best that can be. Sources: J. Kemeny, *Daedalus* 88 (1959);
//! M. Truchon, "An extension of the Condorcet criterion and Kemeny orders" (1998).

/// Largest group that is solved exactly.
const MAX_EXACT: usize = 14;

/// Rounds of moves before a large group is left as it is.
const MAX_ROUNDS: usize = 30;

/// An order, and how close to all the others it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closest {
    /// The things, first to last.
    pub order: Vec<u32>,
    /// Pairs ordered otherwise, summed over the orders.
    pub disagreements: u64,
    /// No order has fewer.
    pub lower_bound: u64,
    /// Whether no order has fewer disagreements than this one.
    pub is_proven: bool,
}

/// The order closest to several rankings. `ranks` gives each thing's rank, one column a ranking; equal ranks have no
/// preference. `start` lists the things in the order that decides among equally close ones.
pub fn closest_order(ranks: &[Vec<u32>], start: &[u32]) -> Closest {
    let majorities = Majorities::new(ranks, start.len());
    let mut order: Vec<u32> = Vec::with_capacity(start.len());
    let mut lower_bound = 0;
    let mut is_proven = true;
    let mut group_of = vec![0; start.len()];
    for (g, group) in majorities.groups(start).into_iter().enumerate() {
        group.iter().for_each(|thing| group_of[*thing as usize] = g);
        if group.len() <= MAX_EXACT {
            let (group, disagreements) = majorities.best_order(&group);
            lower_bound += disagreements;
            order.extend(group);
        } else {
            let bound = majorities.bound_within(&group);
            let group = majorities.improved(&group);
            is_proven &= majorities.disagreements(&group) == bound;
            lower_bound += bound;
            order.extend(group);
        }
    }
    // Across groups every pair stands as its majority wants: nothing better is possible there.
    lower_bound += majorities.bound_across(&group_of);
    let disagreements = majorities.disagreements(&order);
    Closest { is_proven: is_proven || disagreements == lower_bound, order, disagreements, lower_bound }
}

/// How many rankings put one thing before another.
struct Majorities {
    n: usize,
    /// Row before column.
    before: Vec<u16>,
}

impl Majorities {
    fn new(ranks: &[Vec<u32>], n: usize) -> Majorities {
        let mut before = vec![0u16; n * n];
        for ranking in ranks.iter().take(usize::from(u16::MAX)) {
            for (i, row) in before.chunks_exact_mut(n.max(1)).enumerate() {
                let rank = ranking[i];
                row.iter_mut().zip(ranking).for_each(|(count, other)| *count += u16::from(rank < *other));
            }
        }
        Majorities { n, before }
    }

    /// Rankings that put `a` before `b`.
    fn before(&self, a: u32, b: u32) -> u64 {
        u64::from(self.before[a as usize * self.n + b as usize])
    }

    fn disagreements(&self, order: &[u32]) -> u64 {
        let later = |i: usize| order[i + 1..].iter().map(|b| self.before(*b, order[i])).sum::<u64>();
        (0..order.len()).map(later).sum()
    }

    fn bound_within(&self, group: &[u32]) -> u64 {
        let with_earlier = |i: usize| {
            let b = group[i];
            group[..i].iter().map(|a| self.before(*a, b).min(self.before(b, *a))).sum::<u64>()
        };
        (0..group.len()).map(with_earlier).sum()
    }

    fn bound_across(&self, group_of: &[usize]) -> u64 {
        let mut sum = 0;
        for a in 0..self.n as u32 {
            for b in 0..a {
                if group_of[a as usize] != group_of[b as usize] {
                    sum += self.before(a, b).min(self.before(b, a));
                }
            }
        }
        sum
    }

    /// The strongly connected groups of the strict majority relation, in an order that no majority contradicts; among
    /// those possible, the one that follows `start`. Things within a group stand in the order of `start`.
    fn groups(&self, start: &[u32]) -> Vec<Vec<u32>> {
        let component = self.components();
        let n_components = component.iter().max().map_or(0, |c| c + 1);
        let mut groups: Vec<Vec<u32>> = vec![Vec::new(); n_components];
        for thing in start {
            groups[component[*thing as usize]].push(*thing);
        }
        let place: Vec<usize> = {
            let mut place = vec![0; start.len()];
            start.iter().enumerate().for_each(|(i, thing)| place[*thing as usize] = i);
            place
        };
        // Number of majorities over each group from groups not yet placed.
        let mut losses = vec![0u32; n_components];
        for a in 0..self.n {
            for b in 0..self.n {
                losses[component[b]] += u32::from(component[a] != component[b] && self.beats(a, b));
            }
        }
        let mut ready: std::collections::BTreeSet<(usize, usize)> = (0..n_components)
            .filter(|g| losses[*g] == 0)
            .map(|g| (place[groups[g][0] as usize], g))
            .collect();
        let mut ordered = Vec::with_capacity(n_components);
        while let Some((_, g)) = ready.pop_first() {
            for a in &groups[g] {
                for (b, other) in component.iter().copied().enumerate() {
                    if other != g && self.beats(*a as usize, b) {
                        losses[other] -= 1;
                        if losses[other] == 0 {
                            ready.insert((place[groups[other][0] as usize], other));
                        }
                    }
                }
            }
            ordered.push(std::mem::take(&mut groups[g]));
        }
        ordered
    }

    fn beats(&self, a: usize, b: usize) -> bool {
        self.before[a * self.n + b] > self.before[b * self.n + a]
    }

    /// Strongly connected component of each thing (Tarjan's algorithm without recursion).
    fn components(&self) -> Vec<usize> {
        const UNSEEN: usize = usize::MAX;
        let n = self.n;
        let (mut index, mut low) = (vec![UNSEEN; n], vec![0; n]);
        let (mut component, mut n_components, mut n_seen) = (vec![UNSEEN; n], 0, 0);
        let (mut open, mut path): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
        for root in 0..n {
            if index[root] != UNSEEN {
                continue;
            }
            path.push((root, 0));
            while let Some((a, next)) = path.pop() {
                if next == 0 {
                    (index[a], low[a]) = (n_seen, n_seen);
                    n_seen += 1;
                    open.push(a);
                }
                let follows = |b: &usize| self.beats(a, *b) && component[*b] == UNSEEN;
                if let Some(b) = (next..n).find(follows) {
                    if index[b] == UNSEEN {
                        path.push((a, b.max(1)));
                        path.push((b, 0));
                    } else {
                        low[a] = low[a].min(index[b]);
                        path.push((a, b + 1));
                    }
                    continue;
                }
                if low[a] == index[a] {
                    while let Some(b) = open.pop() {
                        component[b] = n_components;
                        if b == a {
                            break;
                        }
                    }
                    n_components += 1;
                }
                if let Some((parent, _)) = path.last() {
                    low[*parent] = low[*parent].min(low[a]);
                }
            }
        }
        component
    }

    /// The best order of a small group; of several, the first by the group's own order.
    fn best_order(&self, group: &[u32]) -> (Vec<u32>, u64) {
        let k = group.len();
        // cost[set] = fewest disagreements within the things of the set.
        let mut cost = vec![0u64; 1 << k];
        // Disagreements with putting thing i before all others of the set.
        let first = |i: usize, set: usize| -> u64 {
            (0..k).filter(|j| set >> j & 1 == 1 && *j != i).map(|j| self.before(group[j], group[i])).sum()
        };
        for set in 1..1usize << k {
            let options = (0..k).filter(|i| set >> i & 1 == 1).map(|i| first(i, set) + cost[set & !(1 << i)]);
            cost[set] = options.min().unwrap_or(0);
        }
        let mut order = Vec::with_capacity(k);
        let mut set = (1usize << k) - 1;
        while let Some(i) =
            (0..k).find(|i| set >> i & 1 == 1 && first(*i, set) + cost[set & !(1 << i)] == cost[set])
        {
            order.push(group[i]);
            set &= !(1 << i);
        }
        (order, cost[(1 << k) - 1])
    }

    /// A large group after moving single things to where they disagree least, until no move helps.
    fn improved(&self, group: &[u32]) -> Vec<u32> {
        let k = group.len();
        // What row gains by standing before column.
        let mut gains = vec![0i32; k * k];
        for (row, a) in gains.chunks_exact_mut(k.max(1)).zip(group) {
            row.iter_mut()
                .zip(group)
                .for_each(|(gain, b)| *gain = self.before(*a, *b) as i32 - self.before(*b, *a) as i32);
        }
        let mut order: Vec<usize> = (0..k).collect();
        for _ in 0..MAX_ROUNDS {
            let mut has_moved = false;
            for i in 0..k {
                let gains = &gains[order[i] * k..(order[i] + 1) * k];
                // Moving forward past another thing gains what the thing has over it; moving back loses it.
                let (mut best, mut best_gain, mut gain) = (i, 0, 0);
                for (j, other) in order[..i].iter().enumerate().rev() {
                    gain += i64::from(gains[*other]);
                    if gain > best_gain {
                        (best, best_gain) = (j, gain);
                    }
                }
                gain = 0;
                for (j, other) in order.iter().enumerate().skip(i + 1) {
                    gain -= i64::from(gains[*other]);
                    if gain > best_gain {
                        (best, best_gain) = (j, gain);
                    }
                }
                match best.cmp(&i) {
                    std::cmp::Ordering::Less => order[best..=i].rotate_right(1),
                    std::cmp::Ordering::Greater => order[i..=best].rotate_left(1),
                    std::cmp::Ordering::Equal => {}
                }
                has_moved |= best != i;
            }
            if !has_moved {
                break;
            }
        }
        order.into_iter().map(|i| group[i]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rankings repeated by the number of voters, from orders of things.
    fn ballots(orders: &[(usize, &[u32])]) -> Vec<Vec<u32>> {
        let ranks = |order: &[u32]| {
            let mut ranks = vec![0; order.len()];
            (0..).zip(order).for_each(|(rank, thing)| ranks[*thing as usize] = rank);
            ranks
        };
        orders.iter().flat_map(|(n, order)| std::iter::repeat_n(ranks(order), *n)).collect()
    }

    /// Fewest disagreements of any order, by trying all.
    fn fewest(ranks: &[Vec<u32>], n: u32) -> u64 {
        fn permute(rest: &mut Vec<u32>, order: &mut Vec<u32>, visit: &mut dyn FnMut(&[u32])) {
            if rest.is_empty() {
                return visit(order);
            }
            for i in 0..rest.len() {
                let thing = rest.remove(i);
                order.push(thing);
                permute(rest, order, visit);
                order.pop();
                rest.insert(i, thing);
            }
        }
        let mut best = u64::MAX;
        permute(&mut (0..n).collect(), &mut Vec::new(), &mut |order| {
            let mut count = 0;
            for ranking in ranks {
                for (i, a) in order.iter().enumerate() {
                    count += order[i + 1..]
                        .iter()
                        .filter(|b| ranking[**b as usize] < ranking[*a as usize])
                        .count();
                }
            }
            best = best.min(count as u64);
        });
        best
    }

    #[test]
    fn the_capital_of_tennessee_is_nashville() {
        // Memphis 0, Nashville 1, Chattanooga 2, Knoxville 3; 42, 26, 15 and 17 % of the voters; 207 in the textbooks.
        let ranks =
            ballots(&[(42, &[0, 1, 2, 3]), (26, &[1, 2, 3, 0]), (15, &[2, 3, 1, 0]), (17, &[3, 2, 1, 0])]);
        let closest = closest_order(&ranks, &[0, 1, 2, 3]);
        assert_eq!((closest.order.as_slice(), closest.disagreements), ([1, 2, 3, 0].as_slice(), 207));
        assert!(closest.is_proven);
    }

    #[test]
    fn a_majority_cycle_is_broken_where_it_hurts_least() {
        // 25 A>B>C, 40 B>C>A, 35 C>A>B: B>C>A with 120 disagreements (electowiki, Kemeny–Young method).
        let ranks = ballots(&[(25, &[0, 1, 2]), (40, &[1, 2, 0]), (35, &[2, 0, 1])]);
        let closest = closest_order(&ranks, &[0, 1, 2]);
        assert_eq!((closest.order.as_slice(), closest.disagreements), ([1, 2, 0].as_slice(), 120));
    }

    #[test]
    fn the_order_is_the_best_of_all_orders() {
        let mut state = 7u64;
        let mut next = |n: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % n
        };
        for n in 1..=8u32 {
            for n_judges in 1..=6 {
                let ranks: Vec<Vec<u32>> = (0..n_judges)
                    .map(|_| {
                        let mut order: Vec<u32> = (0..n).collect();
                        (1..n as usize).for_each(|i| order.swap(i, next(i + 1)));
                        order
                    })
                    .collect();
                let start: Vec<u32> = (0..n).collect();
                let closest = closest_order(&ranks, &start);
                assert_eq!(closest.disagreements, fewest(&ranks, n), "{ranks:?}");
                assert!(closest.is_proven && closest.lower_bound == closest.disagreements);
                let majorities = Majorities::new(&ranks, n as usize);
                assert!(majorities.disagreements(&majorities.improved(&start)) >= closest.disagreements);
            }
        }
    }

    #[test]
    fn a_large_cycle_is_improved_and_says_that_it_is_not_proven() {
        // Three rotations of thirty things: every ten things further, two of three judges disagree.
        let n = 30;
        let rotated = |by: u32| (0..n).map(|i| (i + by) % n).collect::<Vec<u32>>();
        let ranks = ballots(&[(1, &rotated(0)), (1, &rotated(10)), (1, &rotated(20))]);
        let start: Vec<u32> = (0..n).rev().collect();
        let closest = closest_order(&ranks, &start);
        assert!(!closest.is_proven);
        assert!(closest.lower_bound <= closest.disagreements);
        let mut things = closest.order.clone();
        things.sort_unstable();
        assert_eq!(things, (0..n).collect::<Vec<u32>>());
        // Each judge's own order is no closer.
        let majorities = Majorities::new(&ranks, n as usize);
        assert!(closest.disagreements <= majorities.disagreements(&rotated(0)));
    }

    #[test]
    fn one_thing_and_no_things_have_an_order() {
        assert_eq!(closest_order(&[vec![0]], &[0]).order, [0]);
        assert!(closest_order(&[vec![], vec![]], &[]).order.is_empty());
    }
}

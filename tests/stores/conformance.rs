/// Runs all tests on this store.
macro_rules! conformance {
    ($store:ty) => {
        conformance! {
            $store:
            bounds::gcra_admits_no_more_than_the_burst_and_what_came_back,
            bounds::a_sliding_window_admits_no_more_than_the_count_in_any_window,
            bounds::a_sliding_window_is_strict_though_times_are_rounded,
            bounds::a_month_admits_no_more_than_its_quota,
            bounds::even_traffic_gets_half_of_a_sliding_window_and_a_burst_all_of_it,
            bounds::many_at_once_are_admitted_exactly,
            fairness::a_retry_exactly_after_the_wait_is_allowed_and_one_before_is_not,
            fairness::a_clock_that_steps_back_locks_nobody_out,
            fairness::a_quota_that_shrinks_locks_nobody_out,
            fairness::a_refusal_is_not_charged,
            fairness::a_cost_beyond_the_count_is_refused_for_good_and_not_charged,
            fairness::the_highest_cost_is_none_that_has_overflowed,
            fairness::a_month_is_whole_again_at_its_end_and_not_before,
            fairness::remaining_never_rises_without_time,
            policies::all_are_charged_or_none,
            policies::each_tells_its_own_standing,
            policies::what_does_not_bind_refuses_nothing_and_is_charged_for_itself,
            policies::two_of_them_do_not_leak_into_each_other,
            policies::keys_do_not_share_an_account,
            policies::no_demand_is_no_limit,
            settlement::a_charge_may_overdraw_by_one_quota,
            settlement::a_look_says_what_a_check_would_say,
            settlement::a_refund_of_what_was_never_charged_is_no_credit,
            settlement::a_refund_undoes_a_charge,
            settlement::a_late_refund_makes_no_room_in_a_later_window,
            settlement::a_late_refund_is_no_credit,
            settlement::a_refund_of_what_is_out_of_sight_makes_no_room,
            settlement::a_refund_of_last_month_makes_no_room_in_this_one,
            settlement::a_charge_never_gives_back,
        }
    };
    ($store:ty: $($module:ident::$name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                crate::$module::$name::<$store>();
            }
        )*
    };
}

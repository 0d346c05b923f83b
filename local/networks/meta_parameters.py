"""The names of parameters that Meta lists, by endpoint; a name that is not here is refused.

Facebook's and Instagram's are those of Meta's own lists (facebook/facebook-business-sdk-codegen, api_specs of April 2026), all of them;
Threads' are those of its reference (developers.facebook.com/docs/threads), those for text and images.
"""

from __future__ import annotations


def _names(told: str) -> frozenset[str]:
    return frozenset(told.split())


PAGE_PHOTOS = _names(
    """
    aid allow_spherical_photo alt_text_custom android_key_hash application_id attempt audience_exp
    backdated_time backdated_time_granularity caption composer_session_id direct_share_status feed_targeting
    filter_type full_res_is_coming_later initial_view_heading_override_degrees
    initial_view_pitch_override_degrees initial_view_vertical_fov_override_degrees ios_bundle_id
    is_explicit_location is_explicit_place location_source_id manual_privacy message name nectar_module
    no_story offline_id og_action_type_id og_icon_id og_object_id og_phrase og_set_profile_badge
    og_suggestion_mechanism parent_media_id place privacy profile_id provenance_info proxied_app_id published
    qn scheduled_publish_time spherical_metadata sponsor_id sponsor_relationship tags target_id targeting
    temporary time_since_original_post uid unpublished_content_type url user_selected_tags vault_image_id
    """
)
PAGE_FEED = _names(
    """
    actions album_id android_key_hash application_id asked_fun_fact_prompt_id asset3d_id associated_id
    attach_place_suggestion attached_media audience_exp backdated_time backdated_time_granularity
    breaking_news breaking_news_expiration call_to_action caption child_attachments client_mutation_id
    composer_entry_picker composer_entry_point composer_entry_time composer_session_events_log
    composer_session_id composer_source_surface composer_type connection_class content_attachment coordinates
    cta_link cta_type description direct_share_status enforce_link_ownership expanded_height expanded_width
    feed_targeting formatting fun_fact_prompt_id fun_fact_toastee_id height home_checkin_city_id image_crops
    implicit_with_tags instant_game_entry_point_data ios_bundle_id is_backout_draft is_boost_intended
    is_explicit_location is_explicit_share is_group_linking_post is_photo_container link location_source_id
    manual_privacy message multi_share_end_card multi_share_optimized name nectar_module object_attachment
    og_action_type_id og_hide_object_attachment og_icon_id og_object_id og_phrase og_set_profile_badge
    og_suggestion_mechanism page_recommendation picture place place_attachment_setting place_list
    place_list_data post_surfaces_blacklist posting_to_redspace privacy prompt_id prompt_tracking_string
    properties proxied_app_id publish_event_id published quote ref referenceable_image_ids referral_id
    scheduled_publish_time source sponsor_id sponsor_relationship suggested_place_id tags target_surface
    targeting text_format_metadata text_format_preset_id text_only_place thumbnail time_since_original_post
    title tracking_info unpublished_content_type user_selected_tags video_start_time_ms viewer_coordinates
    width
    """
)
PAGE_PUBLISHED_POSTS = frozenset({"include_hidden", "limit", "show_expired", "with"})
IG_MEDIA = frozenset(
    {
        "alt_text",
        "audio_name",
        "caption",
        "children",
        "collaborators",
        "cover_url",
        "image_url",
        "is_carousel_item",
        "location_id",
        "media_type",
        "product_tags",
        "share_to_feed",
        "thumb_offset",
        "trial_params",
        "upload_type",
        "user_tags",
        "video_url",
    }
)
IG_MEDIA_LIST = frozenset({"since", "until"})
IG_MEDIA_PUBLISH = frozenset({"creation_id"})
IG_PUBLISHING_LIMIT = frozenset({"since"})

THREADS = frozenset(
    {
        "alt_text",
        "children",
        "image_url",
        "is_carousel_item",
        "link_attachment",
        "media_type",
        "reply_control",
        "reply_to_id",
        "text",
    }
)
THREADS_PUBLISH = frozenset({"creation_id"})

#pragma once

#include <string_view>

// The methods of proto/reprise/worker/v1/worker.proto.
namespace reprise::rpc {

constexpr std::string_view claim_path = "/reprise.worker.v1.Workers/Claim";
constexpr std::string_view beat_path = "/reprise.worker.v1.Workers/Beat";
constexpr std::string_view store_trial_path = "/reprise.worker.v1.Workers/StoreTrial";
constexpr std::string_view collect_path = "/reprise.worker.v1.Workers/Collect";
constexpr std::string_view finish_path = "/reprise.worker.v1.Workers/Finish";
constexpr std::string_view fail_path = "/reprise.worker.v1.Workers/Fail";
constexpr std::string_view give_back_path = "/reprise.worker.v1.Workers/GiveBack";

}  // namespace reprise::rpc

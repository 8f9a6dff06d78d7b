#include "daemon/live_file.hpp"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "log/message_ids.hpp"
#include "metering/book.hpp"

namespace rbamp::daemon {
namespace {

using Json = nlohmann::json;
using metering::LiveIntegrator;
using metering::LiveMemory;

constexpr std::uintmax_t largest_file = 1U << 20U;
constexpr Watts most_power{100'000.0};  // no channel of any rbAmp carries more (protocol 14.3 has 30 kW)

tl::unexpected<Error> senseless(const std::string& why) { return failure(Errc::implausible, Remedy::give_up, why); }

Json channel_json(const LiveIntegrator::State& channel) {
  Json json{{"positive_wh", channel.sums.positive.value()},
            {"negative_wh", channel.sums.negative.value()},
            {"covered_us", channel.sums.covered.count()},
            {"missed_us", channel.sums.missed.count()}};
  if (channel.last) {
    json["last_us"] = channel.last->at.time_since_epoch().count();
    json["last_w"] = channel.last->power.value();
  }
  return json;
}

// Those below throw what the library throws where a key is missing or of another type, and this.
struct Senseless : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Microseconds time_from(const Json& json, const char* key) {
  constexpr std::int64_t longest_us = 1'000'000'000'000'000;  // 31 years since the host booted
  const auto& value = json.at(key);
  const bool is_time = value.is_number_integer() && value >= 0 && value <= longest_us;
  if (!is_time) throw Senseless{std::string{"\""} + key + "\" is no time"};
  return Microseconds{value.get<std::int64_t>()};
}

LiveIntegrator::State channel_from(const Json& json) {
  LiveIntegrator::State channel;
  channel.sums.positive = WattHours{json.at("positive_wh").get<double>()};
  channel.sums.negative = WattHours{json.at("negative_wh").get<double>()};
  channel.sums.covered = time_from(json, "covered_us");
  channel.sums.missed = time_from(json, "missed_us");
  if (json.contains("last_us"))
    channel.last = metering::LivePower{BootTime{time_from(json, "last_us")}, Watts{json.at("last_w").get<double>()}};
  return channel;
}

/// No more than a channel can carry in the time that it says.
bool is_possible(const LiveIntegrator::State& channel, BootTime since) {
  const auto& sums = channel.sums;
  const auto most = metering::energy_of(most_power, sums.covered + sums.missed);
  for (const auto energy : {sums.positive, sums.negative}) {
    if (energy < WattHours{} || energy > most) return false;
  }
  if (!channel.last) return true;
  const auto& last = *channel.last;
  return last.at + LiveIntegrator::longest_bridge >= since && std::abs(last.power.value()) <= most_power.value();
}

Result<LiveMemories> memories_from(const Json& json, BootId boot) {
  LiveMemories memories;
  if (BootId::parse(json.at("boot").get<std::string>()) != boot) return memories;
  for (const auto& one : json.at("modules")) {
    const auto uid = ModuleUid::parse(one.at("uid").get<std::string>());
    if (!uid) return senseless("\"uid\" is none");
    LiveMemory memory{*uid, {}, {}};
    memory.since.boot = boot;
    memory.since.at = BootTime{time_from(one, "since_us")};
    const auto& channels = one.at("channels");
    if (!channels.is_array() || channels.size() != memory.channels.size()) return senseless("\"channels\" is not of three");
    for (std::size_t i = 0; i < channels.size(); ++i) {
      memory.channels[i] = channel_from(channels[i]);
      if (!is_possible(memory.channels[i], memory.since.at))
        return senseless("channel " + std::to_string(i) + " of " + to_string(*uid) + " is said to have seen what it cannot have");
    }
    memories.insert_or_assign(*uid, memory);
  }
  return memories;
}

}  // namespace

std::string live_text(const LiveMemories& memories, BootId boot) {
  Json modules = Json::array();
  for (const auto& [uid, memory] : memories) {
    Json channels = Json::array();
    for (const auto& channel : memory.channels) channels.push_back(channel_json(channel));
    modules.push_back(
        {{"uid", to_string(uid)}, {"since_us", memory.since.at.time_since_epoch().count()}, {"channels", std::move(channels)}});
  }
  return Json{{"boot", to_string(boot)}, {"modules", std::move(modules)}}.dump() + '\n';
}

Result<LiveMemories> parse_live_text(const std::string& text, BootId boot) {
  try {
    return memories_from(Json::parse(text), boot);
  } catch (const Json::exception& error) {
    return senseless(error.what());
  } catch (const Senseless& error) {
    return senseless(error.what());
  }
}

LiveFile::LiveFile(const std::string& folder, BootId boot, log::Logger& log) : boot_(boot), log_(log) {
  if (folder.empty() || !boot.is_known()) return;
  path_ = folder + "/live.json";
  load();
}

void LiveFile::load() {
  std::error_code code;
  const auto size = std::filesystem::file_size(path_, code);
  if (code) return;  // there is none
  auto known = size > largest_file ? senseless("it is too long") : Result<LiveMemories>{};
  if (known) {
    std::ifstream file{path_};
    known = parse_live_text(std::string{std::istreambuf_iterator<char>{file}, {}}, boot_);
  }
  if (known) {
    known_ = std::move(*known);
    return;
  }
  log_.warning("What was seen live before this start cannot be read from " + path_ + " (" + known.error().detail +
                   "): export between the last latch and this start is lost, and its line says so",
               {}, log::message_id::live_memory_lost);
}

void LiveFile::keep(const std::vector<LiveMemory>& memories) {
  for (const auto& memory : memories) known_.insert_or_assign(memory.uid, memory);
  if (path_.empty()) return;
  const std::string fresh = path_ + ".new";
  std::ofstream file{fresh, std::ios::trunc};
  file << live_text(known_, boot_) << std::flush;
  const bool is_written = static_cast<bool>(file);
  file.close();
  const bool is_kept = is_written && std::rename(fresh.c_str(), path_.c_str()) == 0;
  if (std::exchange(is_failure_told_, !is_kept) || is_kept) return;
  log_.warning("What is seen live cannot be kept in " + path_ +
                   ": if rbampd is killed, export since the last latch is lost, and " + "its line says so",
               {}, log::message_id::live_memory_lost);
}

std::optional<LiveMemory> LiveFile::recall(const ModuleUid& uid) const {
  const auto known = known_.find(uid);
  return known == known_.end() ? std::nullopt : std::optional{known->second};
}

}  // namespace rbamp::daemon

#include "metering/export_source.hpp"

namespace rbamp::metering {

std::string_view to_string(ExportSource source) noexcept {
  switch (source) {
    case ExportSource::live: return "live";
    case ExportSource::module: return "module";
    case ExportSource::none: break;
  }
  return "none";
}

}  // namespace rbamp::metering

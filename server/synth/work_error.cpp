#include "work_error.hpp"

#include <stdexcept>

namespace reprise::synth {

void throw_exception_from_error(const work_error& error, const boost::source_location&)
{
    throw std::logic_error(error.type + ": " + error.message);
}

}  // namespace reprise::synth

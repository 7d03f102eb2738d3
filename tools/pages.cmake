# cmake -DOUT=FOLDER -DPROGRAM=PATH -P pages.cmake
# One page for each diagnostic, and README.md with the list of them.
file(REMOVE_RECURSE "${OUT}")
file(MAKE_DIRECTORY "${OUT}")
function(page file)
    execute_process(COMMAND "${PROGRAM}" explain -f markdown ${ARGN}
                    OUTPUT_FILE "${OUT}/${file}" RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "${PROGRAM} explain -f markdown ${ARGN}: ${result}")
    endif()
endfunction()
page(README.md)
execute_process(COMMAND "${PROGRAM}" explain OUTPUT_VARIABLE list)
string(REGEX MATCHALL "SV[0-9][0-9][0-9][0-9]" codes "${list}")
foreach(code IN LISTS codes)
    page("${code}.md" "${code}")
endforeach()

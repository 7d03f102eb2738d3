# cmake -DOUT=FILE -DPROGRAM=PATH -DARGUMENTS=LIST [-DFILTER=PATH] -P capture.cmake
# What the program prints, through the filter if there is one, becomes FILE.
if(FILTER)
    execute_process(COMMAND "${PROGRAM}" ${ARGUMENTS} COMMAND "${FILTER}"
                    OUTPUT_FILE "${OUT}.new" RESULTS_VARIABLE results)
else()
    execute_process(COMMAND "${PROGRAM}" ${ARGUMENTS}
                    OUTPUT_FILE "${OUT}.new" RESULTS_VARIABLE results)
endif()
foreach(result IN LISTS results)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "${PROGRAM} ${ARGUMENTS}: ${results}")
    endif()
endforeach()
file(RENAME "${OUT}.new" "${OUT}")

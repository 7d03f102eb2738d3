# sipvet_abnf(NAME ABNF FILE... VIEWS FILE... [HEADERS FILE | ATTRIBUTES FILE] [PREFIX PREFIX]
#             [USUAL FILE])
#
# Runs abnfc over a grammar, files in the order given.  In the current binary folder this makes
#   NAME_express.gen.c     usual forms of the matchers; to be #included
#   NAME_tables.gen.c      program of the explaining engine, matchers, names; to be compiled
#   NAME_ids.gen.h         numbers of rules, kinds and views, for the library's own code
#   NAME.dict              tokens for fuzzers
#   include/sipvet/headers.gen.h, attributes.gen.h   public: ids of names and typed structs
# and sets NAME_GENERATED to the list of the C files and headers.
function(sipvet_abnf name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADERS;ATTRIBUTES;PREFIX;USUAL" "ABNF;VIEWS")
    set(out "${CMAKE_CURRENT_BINARY_DIR}")
    set(args --name ${name} --out "${out}")
    foreach(file IN LISTS arg_ABNF)
        list(APPEND args --abnf "${file}")
    endforeach()
    foreach(file IN LISTS arg_VIEWS)
        list(APPEND args --view "${file}")
    endforeach()
    set(public "")
    if(arg_PREFIX)
        list(APPEND args --prefix "${arg_PREFIX}")
    endif()
    foreach(names headers attributes)
        string(TOUPPER ${names} option)
        if(arg_${option})
            list(APPEND args --${names} "${arg_${option}}")
            set(public ${names}.gen.h)
        endif()
    endforeach()
    if(arg_USUAL)
        list(APPEND args --usual "${arg_USUAL}")
    endif()
    set(made "${out}/${name}_express.gen.c" "${out}/${name}_tables.gen.c" "${out}/${name}_ids.gen.h")
    set(copy "${CMAKE_COMMAND}" -E true)
    if(public)
        set(copy "${CMAKE_COMMAND}" -E copy "${out}/${public}" "${out}/include/sipvet/${public}")
        set(public "${out}/include/sipvet/${public}")
    endif()
    file(MAKE_DIRECTORY "${out}/include/sipvet")
    add_custom_command(
        OUTPUT ${made} ${public} "${out}/${name}.dict"
        COMMAND abnfc ${args}
        COMMAND ${copy}
        DEPENDS abnfc ${arg_ABNF} ${arg_VIEWS} ${arg_HEADERS} ${arg_ATTRIBUTES} ${arg_USUAL}
        COMMENT "abnfc ${name}"
        VERBATIM)
    # The code is no translation unit of its own.
    set_source_files_properties("${out}/${name}_express.gen.c" PROPERTIES HEADER_FILE_ONLY ON)
    sipvet_generated("${out}/${name}_tables.gen.c")
    set(${name}_GENERATED ${made} ${public} PARENT_SCOPE)
endfunction()

option(SIPVET_VECTOR "Vector code beside the portable one; OFF: as where a processor has none" ON)

# sipvet_vector_code(EXPRESS FILE...): EXPRESS includes NAME_express.gen.c, the FILEs are vector code
# beside it.  They are compiled for processors with AVX2 and BMI2; on others the tables and portable
# code do their work (sipv_express_runs).
function(sipvet_vector_code express)
    sipvet_generated(${express})
    if(SIPVET_VECTOR AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64"
       AND CMAKE_SIZEOF_VOID_P EQUAL 8)
        set_property(SOURCE ${express} ${ARGN} APPEND PROPERTY COMPILE_OPTIONS
            -mavx2 -mbmi -mbmi2 -msse4.2)
    endif()
    # Many states that each run a few instructions: what lies close together fits the cache.
    set_property(SOURCE ${express} APPEND PROPERTY COMPILE_OPTIONS
        -fno-jump-tables -fno-align-labels -fno-align-jumps -fno-align-loops)
endfunction()

# sipvet_sources(VARIABLE FOLDER FIRST GLOB [LAST]): the files of a folder in reading order: FIRST,
# the others by name, LAST.  A new file is noticed by the next build.
function(sipvet_sources variable folder first glob)
    file(GLOB files CONFIGURE_DEPENDS "${folder}/${glob}")
    list(SORT files COMPARE NATURAL)
    list(REMOVE_ITEM files "${folder}/${first}" "${folder}/${ARGV4}")
    list(PREPEND files "${folder}/${first}")
    if(ARGC GREATER 4)
        list(APPEND files "${folder}/${ARGV4}")
    endif()
    set(${variable} ${files} PARENT_SCOPE)
endfunction()

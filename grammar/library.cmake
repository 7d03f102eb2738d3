# How every library of this tree is built and installed.

# sipvet_warnings(TARGET): hand-written code must compile without a word.
function(sipvet_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion)
endfunction()

# sipvet_generated(FILE...): sources that abnfc wrote, or that include what it wrote.
function(sipvet_generated)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "-w")
endfunction()

# sipvet_library(COMPONENT
#                SOURCES FILE...              hand-written and generated C
#                HEADERS FILE...              public headers, installed as <sipvet/FILE>
#                [NEEDS COMPONENT...]         libraries whose headers the public headers include
#                [LIBRARIES TARGET...]        outside libraries, which sipvetConfig.cmake finds too
#                [REQUIRES MODULE...]         those of them that pkg-config knows
#                DESCRIPTION TEXT)
#
# Compiles once, position independent, and makes of it libsipvet-COMPONENT as archive and as shared
# library.  In this tree sipvet::COMPONENT is the archive, so that programs run where they were built
# and tests reach private functions; installed, sipvet::COMPONENT is the shared library and
# sipvet::COMPONENT::static the archive.
function(sipvet_library component)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION"
        "SOURCES;HEADERS;NEEDS;LIBRARIES;REQUIRES")
    set(name sipvet-${component})

    add_library(${name}-objects OBJECT ${arg_SOURCES})
    set_target_properties(${name}-objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${name}-objects
        PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
        PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
    sipvet_warnings(${name}-objects)

    foreach(form STATIC SHARED)
        string(TOLOWER ${form} lower)
        add_library(${name}-${lower} ${form} "$<TARGET_OBJECTS:${name}-objects>")
        set_target_properties(${name}-${lower} PROPERTIES
            OUTPUT_NAME ${name}
            LINKER_LANGUAGE C)
        target_include_directories(${name}-${lower} PUBLIC
            "$<BUILD_INTERFACE:$<TARGET_PROPERTY:${name}-objects,INTERFACE_INCLUDE_DIRECTORIES>>"
            "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
        foreach(needed IN LISTS arg_NEEDS)
            target_link_libraries(${name}-${lower} PUBLIC sipvet-${needed}-${lower})
        endforeach()
        target_link_libraries(${name}-${lower} PRIVATE ${arg_LIBRARIES})
        install(TARGETS ${name}-${lower} EXPORT ${name}-${lower}
            RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT ${component}
            LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${component}
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${component})
        install(EXPORT ${name}-${lower} NAMESPACE sipvet::
            DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/sipvet" COMPONENT ${component})
    endforeach()
    foreach(needed IN LISTS arg_NEEDS)
        target_link_libraries(${name}-objects PUBLIC sipvet-${needed}-objects)
    endforeach()
    target_link_libraries(${name}-objects PRIVATE ${arg_LIBRARIES})

    set_target_properties(${name}-static PROPERTIES EXPORT_NAME ${component}::static)
    set_target_properties(${name}-shared PROPERTIES
        EXPORT_NAME ${component}
        VERSION "${PROJECT_VERSION}"
        SOVERSION "${PROJECT_VERSION_MAJOR}")
    # Its neighbours lie beside it, wherever that is.
    if(arg_NEEDS AND NOT APPLE)
        set_target_properties(${name}-shared PROPERTIES INSTALL_RPATH "$ORIGIN")
    endif()
    if(NOT APPLE AND NOT SIPVET_SANITIZE)
        target_link_options(${name}-shared PRIVATE -Wl,-z,defs)
    endif()
    add_library(sipvet::${component} ALIAS ${name}-static)

    install(FILES ${arg_HEADERS}
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/sipvet" COMPONENT ${component})

    # pkg-config: paths from where the file lies, so that an installed tree may be moved.
    set(folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    file(RELATIVE_PATH SIPVET_UP "/prefix/${folder}" "/prefix")
    string(REGEX REPLACE "/$" "" SIPVET_UP "${SIPVET_UP}")
    set(SIPVET_COMPONENT ${component})
    set(SIPVET_DESCRIPTION "${arg_DESCRIPTION}")
    list(TRANSFORM arg_NEEDS PREPEND "sipvet-" OUTPUT_VARIABLE requires)
    list(TRANSFORM requires APPEND " = ${PROJECT_VERSION}")
    list(JOIN requires ", " SIPVET_REQUIRES)
    list(JOIN arg_REQUIRES ", " SIPVET_REQUIRES_PRIVATE)
    configure_file("${PROJECT_SOURCE_DIR}/grammar/sipvet.pc.in"
                   "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc"
        DESTINATION "${folder}" COMPONENT ${component})
endfunction()

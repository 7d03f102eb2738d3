# cmake -DOUT=FILE.gen.c -DFOLDER=messages -P embed.cmake: the messages as a table of bench_file.
file(GLOB FILES "${FOLDER}/*.s[id]p")
list(SORT FILES)
set(arrays "")
set(rows "")
set(count 0)
foreach(file IN LISTS FILES)
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" octets HEX)
    string(REGEX REPLACE "(..)" "0x\\1," octets "${octets}")
    string(REGEX REPLACE "(................................................................................)" "\\1\n" octets "${octets}")
    string(APPEND arrays "static const unsigned char file${count}[] = {\n${octets}\n};\n")
    string(APPEND rows "    {\"${name}\", file${count}, sizeof file${count}},\n")
    math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUT}" "/* Made from bench/messages by bench/embed.cmake. */
#include \"input.h\"

${arrays}
const struct bench_file bench_files[] = {
${rows}};
const size_t bench_file_count = ${count};
")

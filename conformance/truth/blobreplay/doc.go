// Package blobreplay sends recorded requests to Blob storage once more, to a Linarite that serves on loopback, and
// compares what the replayer beside the recordings leaves out: the values of headers, the texts of XML, the wording of
// refusals, content, and headers that the service did not send.
//
// Answers of another status are left to that replayer: there is nothing to compare in them.
package blobreplay

// Azure's storage client of Java with the connection strings of storage emulators.

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.util.List;

class Check {
    static final String LONG =
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
            + "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
            + "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;";

    public static void main(String[] args) {
        int number = 0;
        for (String text : List.of("UseDevelopmentStorage=true", LONG)) {
            BlobContainerClient container =
                new BlobServiceClientBuilder().connectionString(text).buildClient().createBlobContainer("java" + number++);
            container.getBlobClient("a b/c.txt").upload(BinaryData.fromString("hello"));
            List<String> names = container.listBlobs().stream().map(b -> b.getName()).toList();
            if (!names.equals(List.of("a b/c.txt"))) {
                throw new AssertionError(names);
            }
            String got = container.getBlobClient("a b/c.txt").downloadContent().toString();
            if (!got.equals("hello")) {
                throw new AssertionError(got);
            }
        }
    }
}

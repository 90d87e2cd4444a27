// Asks veraPDF about many files in one process.
// In: a line "1b<TAB>/path/of/file.pdf" for each. Out: a line "/path<TAB>yes|no|error<TAB>why" for each.

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class AskVeraPdf {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] asked = line.split("\t", 2);
            out.println(asked[1] + "\t" + answer(PDFAFlavour.fromString(asked[0]), new File(asked[1])));
        }
    }

    private static String answer(PDFAFlavour flavour, File file) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            return result.isCompliant() ? "yes\t" : "no\t" + broken(result);
        } catch (Throwable error) {
            return "error\t" + plain(error.toString());
        }
    }

    private static String broken(ValidationResult result) {
        TreeSet<String> rules = new TreeSet<>();
        for (TestAssertion one : result.getTestAssertions()) {
            if (one.getStatus() == TestAssertion.Status.FAILED) {
                rules.add(one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber() + " " + plain(one.getMessage()));
            }
        }
        return String.join(" | ", rules);
    }

    private static String plain(String text) {
        return text == null ? "" : text.replaceAll("\\s+", " ").trim();
    }
}

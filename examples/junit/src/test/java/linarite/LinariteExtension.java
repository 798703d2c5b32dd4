package linarite;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Leads a Java virtual machine that runs tests into a world of Linarite, and puts that world back before each test.
 * Code under test needs no change; a test that wants to look takes a parameter of type {@link Linarite}. When a test
 * fails, what was refused is explained on standard error.
 *
 * <p>The server is the one that LINARITE_URL names; else one is started for this virtual machine, by the program that
 * LINARITE names or that is in PATH. Tests of one virtual machine share its world, so they run one after the other:
 * run more of them side by side by forkCount of Surefire or maxParallelForks of Gradle.
 */
public final class LinariteExtension implements BeforeAllCallback, BeforeEachCallback, AfterTestExecutionCallback, ParameterResolver {
    @Override
    public void beforeAll(ExtensionContext context) {
        world(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        world(context).reset();
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            System.err.println("Refused by Linarite in " + context.getDisplayName() + ":\n" + world(context).refusals());
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Linarite.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return world(context);
    }

    /** One for the virtual machine, which JUnit closes when all tests are done. */
    private static Linarite world(ExtensionContext context) {
        var store = context.getRoot().getStore(ExtensionContext.Namespace.create(LinariteExtension.class));
        return store.getOrComputeIfAbsent(Linarite.class, type -> Linarite.open(), Linarite.class);
    }
}

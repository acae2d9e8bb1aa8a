using FedValue.Cli.Runs;

namespace FedValue.Cli.Reporting;

static class HtmlReport
{
    public static string Write(RunSummary summary) => "<!doctype html>";
}

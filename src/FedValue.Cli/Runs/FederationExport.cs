using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedValue.Cli.Commands;
using FedValue.Federation.Hosting;
using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Ledger.Storage;
using FedValue.Ledger.Events;
using FedValue.Protocol.Models;

namespace FedValue.Cli.Runs;

/// <summary>
/// What is needed to run a simulation's federation with real trainers on a real server: its settings, validation rows and first model, everybody's
/// rows, and the commands. What is aggregated, valued and paid then has the same bytes.
/// </summary>
static class FederationExport
{
    public const string SettingsFile = "federation.json";
    public const string ValidationFile = "validation.safetensors";
    public const string ModelFileName = "model.safetensors";
    public const string CommandsFile = "join.sh";

    /// <summary>Written by the commands: the leaf hash of the ledger's first entry.</summary>
    const string LedgerNameFile = "ledger.txt";

    /// <summary>Finds out whether the folder can be written: it must not be there or be empty, and not lie in that of the run.</summary>
    /// <exception cref="UsageException">The simulation does what real trainers would not, or the folder is taken.</exception>
    public static void Check(SimulationPlan plan, string folder, string run)
    {
        if (folder == "")
            throw new UsageException("--as-federation takes a folder, but its name is empty.");
        if (Problem(plan) is { } problem)
            throw new UsageException($"--as-federation: {problem}");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new UsageException($"--as-federation takes a folder that is not there or empty, but '{folder}' is taken.");
        if ((Path.GetFullPath(folder) + Path.DirectorySeparatorChar).StartsWith(
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(run == "" ? "." : run)) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new UsageException(
                $"--as-federation takes a folder beside that of the run, but '{folder}' is '{run}' or lies in it; name another one.");
        }
    }

    /// <summary>Writes the folder.</summary>
    public static void Write(SimulationPlan plan, string folder)
    {
        Directory.CreateDirectory(folder);
        FederationCreation creation = plan.Creation;
        File.WriteAllText(Path.Combine(folder, SettingsFile), Settings(plan).ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        File.WriteAllBytes(Path.Combine(folder, ValidationFile), creation.Validation!.ToBlob());
        File.WriteAllBytes(Path.Combine(folder, ModelFileName), creation.Model.ToFile().ToArray());
        foreach (SimulatedParticipant participant in plan.Participants)
            File.WriteAllText(Path.Combine(folder, participant.Id + ".csv"), Csv(participant.Rows));
        File.WriteAllText(Path.Combine(folder, CommandsFile), Commands(plan));
    }

    static string? Problem(SimulationPlan plan)
    {
        if (plan.CohortSize < plan.Participants.Count)
            return "a real federation invites everybody to every round, so it takes --participation 1.";
        return plan.Participants.FirstOrDefault(p => p.Behaviour is not null || p.Inflation != 1 || p.LossInflation != 1) is { } actor
            ? $"{actor.Id} does what 'fedvalue join' does not ({string.Join(", ", actor.Corruptions)}); leave that corruption out."
            : null;
    }

    static JsonObject Settings(SimulationPlan plan)
    {
        FederationTerms terms = plan.Creation.Terms;
        SimulationOptions options = plan.Options;
        var settings = new JsonObject
        {
            ["name"] = plan.Creation.Name,
            ["model"] = terms.Architecture,
            ["features"] = plan.Network.Features,
            ["classes"] = plan.Network.Classes,
            ["aggregator"] = options.Aggregator,
            ["methods"] = Texts(terms.Methods),
            ["utility"] = terms.Utility,
            ["payBy"] = terms.Payment.PayBy,
            ["policy"] = terms.Payment.Policy,
            ["ifNonePositive"] = terms.Payment.IfNonePositive,
            ["budget"] = terms.Payment.Budget,
            ["permutations"] = options.Permutations,
            ["tolerance"] = options.Tolerance,
            ["gramLimit"] = terms.GramLimit,
            ["seed"] = terms.Seed,
            ["schedule"] = new JsonObject
            {
                ["rounds"] = options.Rounds,
                ["participants"] = plan.Participants.Count,
                ["quorum"] = 0,
                ["minimumReporting"] = plan.Participants.Count,
                ["deadlineSeconds"] = 0,
            },
        };
        if (options.Stop is { } stop)
            settings["stop"] = stop;
        if (options.Counterfactual is { } counterfactual)
            settings["counterfactual"] = Texts(counterfactual);
        return settings;
    }

    static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    /// <summary>A column per feature, the class last; every fp32 is written as the double it is, so reading it back rounds nothing.</summary>
    static string Csv(LabelledRows rows)
    {
        var csv = new StringBuilder();
        for (int c = 1; c <= rows.Width; c++)
            csv.Append(CultureInfo.InvariantCulture, $"x{c},");
        csv.Append("label\n");
        for (int r = 0; r < rows.Count; r++)
        {
            foreach (float feature in rows.Row(r))
                csv.Append(((double)feature).ToString("R", CultureInfo.InvariantCulture)).Append(',');
            csv.Append(CultureInfo.InvariantCulture, $"{rows.Labels[r]}\n");
        }
        return csv.ToString();
    }

    static string Commands(SimulationPlan plan)
    {
        TrainingSettings training = plan.Training;
        string settings = FormattableString.Invariant(
            $"--learning-rate={training.LearningRate} --batch-size={training.BatchSize} --momentum={training.Momentum} ")
            + FormattableString.Invariant(
                $"--weight-decay={training.WeightDecay} --local-epochs={training.LocalEpochs} --proximal-mu={training.ProximalMu}");
        string name = plan.Creation.Name;
        var commands = new StringBuilder($$"""
            #!/bin/sh
            # Runs this simulation as a federation of real trainers: sh {{CommandsFile}} URL, in this folder, with the operator's token in
            # FEDVALUE_OPERATOR_TOKEN. Trainers are run by the command in FEDVALUE, or else by fedvalue. What they aggregate, value and pay has
            # the bytes of the simulation. Given again, it goes on where it was.
            set -eu
            fedvalue=${FEDVALUE:-fedvalue}
            stop() {
              printf '%s\n' "{{CommandsFile}}: $1" >&2
              test -z "${pids:-}" || kill $pids
              exit 2
            }
            test $# -eq 1 || stop "One server is named, as in sh {{CommandsFile}} http://127.0.0.1:8080."
            test -f {{SettingsFile}} || stop "There is no {{SettingsFile}} here; run this in the folder that it lies in."
            test -n "${FEDVALUE_OPERATOR_TOKEN:-}" || stop "FEDVALUE_OPERATOR_TOKEN takes what the server's file operator-token holds."
            $fedvalue join --help > /dev/null 2>&1 || stop "'$fedvalue' does not run; name what does, as in FEDVALUE='dotnet /path/to/fedvalue.dll'."
            url=${1%/}

            # Asks as the operator; status and answer are what came.
            ask() {
              answer=$(curl -sS -w ' %{http_code}' -H "Authorization: Bearer $FEDVALUE_OPERATOR_TOKEN" "$@") || stop "There was no answer from $url."
              status=${answer##* }
              answer=${answer% *}
            }
            field() {
              printf '%s\n' "$answer" | sed 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/'
            }
            refused() {
              stop "The server answered $status: $(field detail)"
            }

            # Whose ledger it is stands in {{LedgerNameFile}}, so that an earlier try is told from a federation that happens to have this name.
            ask -F 'federation=@{{SettingsFile}};type=application/json' -F 'validation=@{{ValidationFile}}' -F 'model=@{{ModelFileName}}' \
              "$url/federations"
            if test "$status" = 201; then
              field leafHash > {{LedgerNameFile}}
            elif test "$(field code)" != exists; then
              refused
            elif ! test -f {{LedgerNameFile}}; then
              stop "The server has another federation '{{name}}' already; start one with another --data."
            fi
            pids=
            trap 'kill $pids 2> /dev/null || true; exit 130' INT TERM
            # One participant; who was enrolled by an earlier try has its key here.
            join() {
              id=$1 stream=$2
              ask -H 'Content-Type: application/json' -d "{\"participant\":\"$id\"}" "$url/federations/{{name}}/tokens"
              case $status in
                200) set -- --token="$(field token)" ;;
                409) set -- ;;
                *) refused ;;
              esac
              $fedvalue join "$url" --federation={{name}} --participant="$id" --data="csv:$id.csv,label=label" --stream="$stream" \
                {{settings}} \
                --ledger="$(cat {{LedgerNameFile}})" "$@" &
              pids="$pids $!"
            }

            """.ReplaceLineEndings("\n"));
        for (int k = 0; k < plan.Participants.Count; k++)
            commands.Append(CultureInfo.InvariantCulture, $"join {plan.Participants[k].Id} {k}\n");
        return commands.Append("result=0\nfor pid in $pids; do wait \"$pid\" || result=$?; done\nexit $result\n").ToString();
    }
}

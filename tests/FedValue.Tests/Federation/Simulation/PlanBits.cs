using System.Text;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Tests.Federation.Learning;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>Everything that a plan fixes before training, as text: the first entry of the ledger, and the bits of model and data.</summary>
static class PlanBits
{
    public static string Of(SimulationPlan plan)
    {
        var text = new StringBuilder(Entry(plan));
        text.AppendLine().AppendJoin(' ', Bits.Of(plan.Creation.Model.Weights));
        text.AppendLine().Append(plan.Training).Append(plan.CohortSize).AppendJoin(',', plan.Classes);
        Append("validation", plan.Creation.Validation!.Rows);
        text.AppendJoin(',', plan.Creation.Validation!.BlockEnds);
        Append("test", plan.Test);
        foreach (SimulatedParticipant participant in plan.Participants)
            Append($"{participant.Id} {participant.Examples} {string.Join("; ", participant.Corruptions)}", participant.Rows);
        return text.ToString();

        void Append(string name, FedValue.Federation.Learning.LabelledRows rows) => text.AppendLine().Append(name)
            .AppendJoin(' ', Bits.Of(rows.Features)).Append(':').AppendJoin(' ', rows.Labels);
    }

    /// <summary>The first entry of the ledger as it will be written, but for the digests of its blobs.</summary>
    public static string Entry(SimulationPlan plan) => Encoding.UTF8.GetString(EventJson.Serialize(new FederationCreated(
        plan.Creation.Name, 1, plan.Creation.Terms, default, default, default, plan.Creation.Scenario, At: 0)));
}

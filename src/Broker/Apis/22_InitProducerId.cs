using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Producer ids for idempotent producers; transactional ids are answered COORDINATOR_NOT_AVAILABLE until transactions are served. While the controller gives none: COORDINATOR_LOAD_IN_PROGRESS, as Kafka has it. v2: flexible; v3: the producer's id and epoch.</summary>
internal sealed class InitProducerId() : Api<InitProducerIdRequest>(ApiKey.InitProducerId, 0, 4)
{
    protected override void Dispatch(InitProducerIdRequest request, Exchange exchange)
    {
        if (request.TransactionalId is not null)
        {
            Refuse(request.TransactionalId.Length == 0 ? ErrorCode.InvalidRequest : ErrorCode.CoordinatorNotAvailable);
            return;
        }
        exchange.Ask(
            exchange.Broker.Topics, token => new TakeProducerId(token),
            answer => exchange.Complete(new InitProducerIdResponse { ProducerId = ((ProducerIdAnswer)answer).ProducerId, ProducerEpoch = 0 }),
            why => Refuse(why == Unanswered.TimedOut ? ErrorCode.CoordinatorLoadInProgress : ErrorCode.NotCoordinator),
            IControllerRequest.Patience);

        void Refuse(ErrorCode error) => exchange.Complete(new InitProducerIdResponse { ErrorCode = (short)error, ProducerId = -1, ProducerEpoch = -1 });
    }
}
